import { harmless } from '../output/harmless.ts'
import { counted, duration, joined } from '../rendering/amounts.ts'
import {
  errorOf,
  memoriesInWords,
  outputInWords,
  partsInWords,
  progressInWords,
  resolutionInWords,
} from '../rendering/describe-event.ts'
import { type Body, bodyOf, brief, numberOf, textOf } from '../rendering/fields.ts'
import { questionLines } from './question.ts'
import type { Screen } from './screen.ts'

/** How a run ended, as it was shown. */
export type Ending = 'done' | 'limit' | 'cancelled' | 'failed'

const REASONS: Readonly<Record<string, string>> = {
  user: 'Cancelled.',
  confirmation_cancelled: 'Cancelled: what was proposed is not done.',
  confirmation_timeout: 'Cancelled: nobody answered in time.',
  time_limit: 'Cancelled: it took longer than it may.',
  client_disconnected: 'Cancelled: nobody was there any more.',
}

/** One run as a person in a conversation is shown it. */
export class RunView {
  ending: Ending | null = null
  /** Of messages that are shown, what has been shown of them, in characters. */
  private readonly shown = new Map<string, number>()
  private readonly planning = new Set<string>()
  private readonly answeredHere = new Set<string>()
  private readonly tools = new Map<string, string>()

  constructor(
    private readonly screen: Screen,
    private readonly run: string,
    /** Of a run that is joined: how much has been shown of its answers, in characters. */
    private readonly joinedAt: ReadonlyMap<string, number> | null = null,
  ) {
    for (const [message, characters] of joinedAt ?? []) this.shown.set(message, characters)
  }

  /** Its answer is given here; what is told of it need not say by whom. */
  isAnsweredHere(question: string): void {
    this.answeredHere.add(question)
  }

  take(event: Body): void {
    const type = textOf(event, 'type')
    if (type === 'session.erased') return this.screen.line('This session was erased.', 'red')
    if (type === 'reset') return this.reset(event)
    if (event['run'] !== this.run) return
    if (Object.hasOwn(this.handlers, type)) this.handlers[type]!(event)
    else if (type.startsWith('custom.')) this.screen.line(`${brief(type)} ${brief(event['data'])}`, 'magenta')
  }

  private readonly handlers: Readonly<Record<string, (event: Body) => void>> = {
    'run.queued': () => this.screen.status('another answer comes first …'),
    'run.status': (event) => this.screen.status(brief(textOf(event, 'text'))),
    // What was said here was typed here.
    'message.added': (event) => {
      if (this.joinedAt !== null) this.screen.line(`> ${partsInWords(event, 2000)}`, 'green')
    },
    'message.requested': () => this.screen.status('…'),
    'message.started': (event) => {
      const message = textOf(event, 'message')
      if (event['purpose'] === 'answer') this.shown.set(message, this.shown.get(message) ?? 0)
      if (event['purpose'] === 'plan') this.planning.add(message)
    },
    'generation.started': (event) => this.generationStarted(event),
    'generation.failed': (event) => {
      if (this.isShown(event)) this.screen.line(`… ${errorOf(event)} Trying again.`, 'dim')
    },
    'reasoning.delta': (event) => {
      const message = textOf(event, 'message')
      if (!this.isShown(event) && !this.planning.has(message)) return
      this.screen.piece(`reasoning ${message}`, harmless(textOf(event, 'text')), 'dim')
    },
    'text.delta': (event) => {
      const message = textOf(event, 'message')
      const before = this.shown.get(message)
      if (before === undefined) return
      const text = textOf(event, 'text')
      this.shown.set(message, before + text.length)
      this.screen.piece(`text ${message}`, harmless(text))
    },
    'tool.called': (event) => {
      const name = brief(textOf(event, 'name'))
      this.tools.set(textOf(event, 'call'), name)
      this.screen.line(`→ ${name} ${brief(event['input'] ?? null)}`, 'cyan')
    },
    'tool.progress': (event) => this.screen.status(`  ${this.toolOf(event)} ${progressInWords(event)}`),
    'tool.completed': (event) =>
      this.screen.line(
        `← ${joined(`${this.toolOf(event)} ${duration(numberOf(event, 'duration_ms'))}`, outputInWords(event))}`,
        'cyan',
      ),
    'tool.failed': (event) => {
      const unknown = event['outcome'] === 'unknown' ? ' It may have been done or not.' : ''
      this.screen.line(`✗ ${this.toolOf(event)} ${errorOf(event)}${unknown}`, 'red')
    },
    'confirmation.requested': (event) => {
      const [head = '', ...lines] = questionLines(event)
      this.screen.line(head, 'yellow')
      for (const line of lines) this.screen.line(line)
    },
    'confirmation.resolved': (event) => {
      const isOurs = this.answeredHere.has(textOf(event, 'confirmation'))
      const input = event['input_after'] === undefined ? '' : ` ${brief(event['input_after'])}`
      if (event['action'] === 'timeout') this.screen.line('Nobody answered in time.', 'yellow')
      else if (!isOurs) this.screen.line(`Answered elsewhere: ${resolutionInWords(event)}${input}`, 'yellow')
    },
    'memory.progress': (event) => this.screen.status(`remembering … ${numberOf(event, 'found') ?? 0} found`),
    'memory.updated': (event) => {
      const memories = memoriesInWords(event)
      if (memories !== '') this.screen.line(`Remembered: ${memories}`, 'dim')
    },
    'memory.failed': (event) => this.screen.line(`Nothing was remembered: ${errorOf(event)}`, 'dim'),
    'artifact.created': (event) =>
      this.screen.line(`Wrote ${brief(textOf(event, 'title'))} (${brief(textOf(event, 'filename'))})`, 'magenta'),
    'run.cancel_requested': () => this.screen.status('cancelling …'),
    'run.completed': (event) => {
      const limit = brief(textOf(event, 'limit'))
      this.ending = event['status'] === 'limit' ? 'limit' : 'done'
      this.screen.endFlow()
      if (this.ending === 'limit') this.screen.line(`Stopped at its limit of ${limit}. Say how to go on.`, 'yellow')
    },
    'run.cancelled': (event) => {
      const reason = textOf(event, 'reason')
      this.ending = 'cancelled'
      this.screen.line(`${REASONS[reason] ?? `Cancelled (${brief(reason)}).`} ${this.kept}`, 'yellow')
    },
    'run.failed': (event) => {
      const error = bodyOf(event, 'error')
      const again = error['retryable'] === true ? ' You can try again.' : ''
      this.ending = 'failed'
      this.screen.line(`${harmless(textOf(error, 'message'))} (${brief(textOf(error, 'code'))})${again}`, 'red')
    },
  }

  private generationStarted(event: Body): void {
    const message = textOf(event, 'message')
    const before = this.shown.get(message)
    if (before === undefined || before === 0 || event['kept'] !== 0) return
    this.shown.set(message, 0)
    this.screen.line('… The answer begins anew:', 'dim')
  }

  private reset(event: Body): void {
    this.screen.line(`The stream could not go on where it was: ${brief(textOf(event, 'reason'))}.`, 'red')
  }

  /** What the conversation has of an answer that was broken off. */
  private get kept(): string {
    const characters = [...this.shown.values()].reduce((sum, of) => sum + of, 0)
    return characters === 0
      ? 'Nothing had been written.'
      : `What was written is kept: ${counted(characters, 'character')}.`
  }

  private isShown(event: Body): boolean {
    return this.shown.has(textOf(event, 'message'))
  }

  private toolOf(event: Body): string {
    return this.tools.get(textOf(event, 'call')) ?? 'tool'
  }
}
