import {
  type Beside,
  type ReplayPart,
  type ToolCall,
  type Usage,
  codePoints,
  draft,
  hasProgressed,
  isTurn,
  keptText,
  prompt,
} from '@spool/events'
import { LogError } from '@spool/log'
import { attempts } from '../measuring/metrics.ts'
import { observeCall } from '../measuring/observe-call.ts'
import { ProviderError } from '../providers/provider-error.ts'
import type { GenerateParameters } from '../providers/provider.ts'
import { routeParameters } from '../providers/route-parameters.ts'
import type { Route } from '../routing/route.ts'
import type { Verdict } from '../routing/route-health.ts'
import type { AttemptOutcome, Finish } from './attempt-outcome.ts'
import { DeltaStream } from './delta-stream.ts'
import type { Pen } from './message-writer.ts'
import { Stopped } from './stopped.ts'
import { Stopwatch } from './stopwatch.ts'
import { WholeText } from './whole-text.ts'

export type AttemptReason = 'first' | 'retry' | 'failover' | 'takeover'

export interface AttemptOptions {
  readonly run: string
  readonly worker: string
  readonly reason: AttemptReason
  /** Whether it goes on after the text that is there, or begins anew. */
  readonly continues: boolean
  /** What the model is sent beside the conversation, where the request does not say it itself. */
  readonly beside?: Beside | undefined
  /** What is told of the route. */
  readonly verdict: Verdict
  readonly handOver: AbortSignal
  /** Told of what nobody has foreseen; the attempt counts as failed. */
  readonly onUnforeseen: (error: unknown) => void
}

/** One call of a provider for a message: begins it in the log, streams it there, closes it where it comes to its end. */
export async function attempt(pen: Pen, route: Route, options: AttemptOptions): Promise<AttemptOutcome> {
  const { run, worker, reason, beside } = options
  const { id: message, attempt: before } = pen.message
  const kept = options.continues ? keptText(pen.state, message) : ''
  const { name: provider, model } = route.provider
  const number = before + 1
  const parameters = routeParameters(route.settings, pen.message.request?.parameters)
  const watch = new Stopwatch()
  const call = {
    provider,
    model,
    asked: pen.message.requestedModel ?? model,
    baseUrl: route.settings.baseUrl,
    parameters,
    ...pen.ref,
    run,
    message,
    attempt: number,
    purpose: pen.message.purpose ?? 'answer',
    reason,
    content: () => ({ prompt: prompt(pen.state, message, beside), message: pen.message }),
  }
  return observeCall(call, watch, async () => {
    const about = { run, message, attempt: number, worker, provider, model, reason, kept: codePoints(kept) }
    const hasParameters = Object.keys(parameters).length > 0
    const started = draft('generation.started', { ...about, ...(hasParameters && { parameters: { ...parameters } }) })
    if (!(await pen.append(started))) return { kind: 'stopped', finish: null }
    attempts.add(1, { reason })
    return new Answer(pen, route, options, watch, kept).write(parameters)
  })
}

/** The answer of one call on its way from the provider into the log. */
class Answer {
  private readonly deltas: DeltaStream | WholeText
  private readonly toolCalls: ToolCall[] = []
  private finish: Finish | null = null
  private spent: Usage | undefined

  constructor(
    private readonly pen: Pen,
    private readonly route: Route,
    private readonly options: AttemptOptions,
    private readonly watch: Stopwatch,
    private readonly kept: string,
  ) {
    const deltas = new DeltaStream(pen, options.run)
    this.deltas = isTurn(pen.message) ? deltas : new WholeText(deltas)
  }

  async write(parameters: GenerateParameters): Promise<AttemptOutcome> {
    try {
      try {
        this.finish = await this.stream(parameters)
        if (this.finish.reason === 'content_filter') throw filtered(this.route.provider.name)
        this.options.verdict.completed()
      } finally {
        await this.deltas.flushed()
      }
      const isStored = await this.complete(this.finish)
      return isStored ? { kind: 'completed', finish: this.finish } : this.stopped()
    } catch (error) {
      const outcome = this.outcomeOf(error)
      if (outcome.kind === 'failed') this.options.verdict.failed(outcome.error)
      return outcome
    }
  }

  private async stream(parameters: GenerateParameters): Promise<Finish> {
    const { pen, kept, watch, deltas } = this
    const { beside, verdict, handOver } = this.options
    const { id, request } = pen.message
    const tools = (beside ?? request)?.tools
    watch.start()
    const chunks = this.route.provider.generate({
      prompt: prompt(pen.state, id, beside),
      keptText: kept,
      parameters,
      ...(tools !== undefined && { tools }),
      signal: AbortSignal.any([pen.signal, handOver]),
      spent: (usage) => {
        this.spent = usage
      },
    })
    let isFirst = true
    for await (const chunk of chunks) {
      if (isFirst) verdict.answering()
      isFirst = false
      if (chunk.type === 'finish') {
        deltas.ended()
        return chunk
      }
      if (chunk.type === 'tool-call') {
        this.toolCalls.push({ call: deltas.callId(chunk.call), name: chunk.name, input: chunk.input ?? null })
        continue
      }
      watch.chunk()
      const full = deltas.push(chunk)
      if (full !== undefined) await full
      if (pen.standing !== 'mine') throw new Stopped(pen.standing)
    }
    throw new ProviderError('provider_broken', 'The answer of the model stopped without an end.')
  }

  private complete({ reason, usage, response, replay }: Finish): Promise<boolean> {
    return this.pen.append(
      draft('message.completed', {
        run: this.options.run,
        message: this.pen.message.id,
        status: 'complete',
        reason,
        usage,
        timing: this.watch.timing(),
        ...(this.toolCalls.length > 0 && { tool_calls: this.toolCalls }),
        response,
        ...(replay && { replay: replay.map((part) => this.withOurId(part)) }),
      }),
    )
  }

  private withOurId(part: ReplayPart): ReplayPart {
    return part.type === 'tool_call' ? { ...part, call: this.deltas.callId(part.call) } : part
  }

  private get usage(): Usage | undefined {
    return this.finish?.usage ?? this.spent
  }

  private stopped(): AttemptOutcome {
    const { finish, usage } = this
    return { kind: 'stopped', finish, ...(usage && { usage }) }
  }

  private outcomeOf(error: unknown): AttemptOutcome {
    const { pen, kept } = this
    // A message that is no longer ours has not failed, whatever became of the call.
    if (error instanceof Stopped || pen.standing !== 'mine') return this.stopped()
    // Nothing can be said in the log now: the job is tried again.
    if (error instanceof LogError || !pen.canReachLog) throw error
    const usage = (error instanceof ProviderError ? error.usage : undefined) ?? this.usage
    const about = {
      kind: 'failed',
      continued: kept !== '',
      progressed: hasProgressed(pen.message),
      ...(usage && { usage }),
    } as const
    if (error instanceof ProviderError) return { ...about, error }
    this.options.onUnforeseen(error)
    const unusable = new ProviderError(
      'provider_broken',
      'The answer of the model could not be taken down. Try again, or ask for less at once.',
    )
    return { ...about, error: unusable }
  }
}

/** The provider came to an end, but it is not that of an answer: to ask again, or others, would be to ask for the same. */
function filtered(provider: string): ProviderError {
  return new ProviderError(
    'provider_content_filtered',
    `${provider} stopped this answer at its content filter. What was said before is kept. Put it differently.`,
  )
}
