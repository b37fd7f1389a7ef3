import type { MessageSnapshot, QuestionSnapshot, RunSnapshot, SessionSnapshot } from '@spool/client'
import { questionLines } from '../chatting/question.ts'
import { harmless } from '../output/harmless.ts'
import { duration, joined, moment, tokens } from '../rendering/amounts.ts'
import { type Body, bodyOf, brief, listOf, numberOf, textOf } from '../rendering/fields.ts'
import type { Kind } from '../rendering/kinds.ts'

/** A line of text or more, and what it is about. */
export interface ShownLine {
  readonly kind: Kind
  readonly text: string
}

/** All that `spool show` has read, at one cursor. */
export interface Shown {
  readonly cursor: string
  readonly session: SessionSnapshot
  readonly messages: readonly MessageSnapshot[]
  readonly runs: ReadonlyMap<string, RunSnapshot>
  readonly artifacts: readonly Body[]
}

/** A conversation as it stands. */
export function showLines({ cursor, session, messages, runs, artifacts }: Shown): ShownLine[] {
  const question = session.question ?? null
  return [
    ...head(session, cursor),
    ...messages.flatMap((message) => messageLines(message, message.run === null ? undefined : runs.get(message.run))),
    ...[...runs.values()].flatMap((run) => endOfRun(run, messages)),
    ...artifacts.map((artifact) =>
      line('document', `▪ ${brief(textOf(artifact, 'title'))} (${brief(textOf(artifact, 'filename'))})`),
    ),
    ...(question === null ? [] : waiting(question)),
  ]
}

function head(session: SessionSnapshot, cursor: string): ShownLine[] {
  const title = typeof session.title === 'string' ? `: ${brief(session.title)}` : ''
  const fork = bodyOf(session, 'forked_from')
  const about = joined(
    textOf(session, 'agent') === '' ? '' : `agent ${brief(textOf(session, 'agent'))}`,
    session.phase,
    `${moment(session['created_at'])} to ${moment(session['updated_at'])}`,
    tokens(bodyOf(session, 'usage')),
    `at ${cursor}`,
    textOf(fork, 'session') === ''
      ? ''
      : `forked from ${brief(textOf(fork, 'session'))} at ${brief(textOf(fork, 'cursor'))}`,
  )
  return [line('run', `${session.id}${title}`), line('quiet', harmless(about))]
}

function messageLines(message: MessageSnapshot, run: RunSnapshot | undefined): ShownLine[] {
  const isAnswer = message.role === 'assistant'
  const streaming = bodyOf(message, 'streaming')
  const about = joined(
    isAnswer ? `${run === undefined ? 'assistant' : textOf(run, 'agent') || 'assistant'}` : message.role,
    moment(textOf(streaming, 'started_at') || run?.['queued_at'] || run?.['started_at']),
    [textOf(message, 'provider'), textOf(message, 'model')].filter(Boolean).join(' '),
    statusInWords(message),
    tokens(bodyOf(message, 'usage')),
    duration(numberOf(streaming, 'total_duration_ms') ?? undefined),
  )
  const plan = isAnswer || run === undefined ? [] : planLines(run)
  return [line('quiet', ''), line(isAnswer ? 'run' : 'person', harmless(about)), ...partLines(message), ...plan]
}

/** What was proposed for a message last: the calls of a plan stand in no message. */
function planLines(run: RunSnapshot): ShownLine[] {
  const plan = bodyOf(run, 'plan')
  const round = numberOf(plan, 'round')
  if (round === undefined) return []
  const tasks = listOf(plan, 'tasks').map((task) => {
    const tool = textOf(task, 'tool')
    const call = tool === '' ? '' : `: ${brief(tool)} ${brief(task['input'] ?? null, 400)}`
    return line('tool', `→ ${numberOf(task, 'index') ?? '?'}. ${brief(textOf(task, 'description'))}${call}`)
  })
  return [line('tool', `plan${round > 1 ? `, round ${round}` : ''}`), ...tasks]
}

function statusInWords(message: MessageSnapshot): string {
  const reason = textOf(message, 'reason')
  if (message.status === 'partial') return `partial (${reason})`
  if (message.status === 'streaming') return 'is being written'
  return reason === '' || reason === 'stop' || reason === 'tool_calls' ? '' : `${message.status} (${reason})`
}

function partLines(message: MessageSnapshot): ShownLine[] {
  const parts = listOf(message, 'parts')
  if (parts.length === 0 && message.text !== '') return [line('answer', harmless(message.text))]
  return parts.map((part) => {
    const text = harmless(textOf(part, 'text'))
    switch (part['type']) {
      case 'text':
        return line('answer', text)
      case 'reasoning':
        return line('reasoning', text)
      case 'tool_call':
        return line('tool', `→ ${brief(textOf(part, 'name'))} ${brief(part['input'] ?? textOf(part, 'text'), 400)}`)
      default:
        return line('other', brief(part, 400))
    }
  })
}

/** Where a run did not end as it should, or has no message that says how. */
function endOfRun(run: RunSnapshot, messages: readonly MessageSnapshot[]): ShownLine[] {
  const cancelled = bodyOf(run, 'cancelled')
  const error = bodyOf(run, 'error')
  const isLast = messages.at(-1)?.run === run.id
  if (run.status === 'failed') {
    return [line('failure', `✗ ${harmless(textOf(error, 'message'))} (${brief(textOf(error, 'code'))})`)]
  }
  if (run.status === 'cancelled' && isLast)
    return [line('question', `Cancelled (${brief(textOf(cancelled, 'reason'))})`)]
  if (run.status === 'limit') return [line('question', `Stopped at its limit of ${brief(textOf(run, 'limit'))}`)]
  if (run.status === 'queued') return [line('quiet', 'A message waits for the run before it.')]
  return []
}

function waiting(question: QuestionSnapshot): ShownLine[] {
  const [first = '', ...lines] = questionLines(question)
  return [line('quiet', ''), line('question', first), ...lines.map((text) => line('answer', text))]
}

const line = (kind: Kind, text: string): ShownLine => ({ kind, text })
