import { type ToolCall, codePoints, draft, keptText, prompt } from '@spool/events'
import { LogError } from '@spool/log'
import { attempts } from '../measuring/metrics.ts'
import { observeCall } from '../measuring/observe-call.ts'
import { ProviderError } from '../providers/provider-error.ts'
import type { Chunk, GenerateParameters, Provider } from '../providers/provider.ts'
import { DeltaStream } from './delta-stream.ts'
import type { MessageWriter } from './message-writer.ts'
import { Stopped } from './stopped.ts'
import { Stopwatch } from './stopwatch.ts'

export type AttemptReason = 'first' | 'retry' | 'failover' | 'takeover'

/** How a provider ended its answer. */
export type Finish = Extract<Chunk, { type: 'finish' }>

export type AttemptOutcome =
  | { readonly kind: 'completed'; readonly finish: Finish }
  /** The writer's standing or a hand-over says why. `finish`: the provider was through already. */
  | { readonly kind: 'stopped'; readonly finish: Finish | null }
  | { readonly kind: 'failed'; readonly error: ProviderError; readonly kept: boolean }

export interface AttemptOptions {
  readonly run: string
  readonly worker: string
  readonly reason: AttemptReason
  /** Whether the provider may be asked to go on after what is there, if it can. */
  readonly mayContinue: boolean
  readonly handOver: AbortSignal
  /** Told of what nobody has foreseen; the attempt counts as failed. */
  readonly onUnforeseen: (error: unknown) => void
}

/** One call of a provider for a message: begins it in the log, streams it there, closes it where it comes to its end. */
export async function attempt(
  writer: MessageWriter,
  provider: Provider,
  options: AttemptOptions,
): Promise<AttemptOutcome> {
  const { run, worker, reason } = options
  const { id, attempt: before } = writer.message
  const kept = options.mayContinue && provider.continuesText ? keptText(writer.state, id) : ''
  const { name, model } = provider
  const number = before + 1
  const parameters: GenerateParameters = writer.message.parameters ?? {}
  const watch = new Stopwatch()
  const call = { provider: name, model, parameters, ...writer.ref, run, message: id, attempt: number, reason }
  return observeCall(call, watch, async () => {
    const started = draft('generation.started', {
      run,
      message: id,
      attempt: number,
      worker,
      provider: name,
      model,
      reason,
      kept: codePoints(kept),
    })
    if (!(await writer.append(started))) return { kind: 'stopped', finish: null }
    attempts.add(1, { reason })
    return new Answer(writer, provider, options, watch, kept).write(parameters)
  })
}

/** The answer of one call on its way from the provider into the log. */
class Answer {
  private readonly deltas: DeltaStream
  private readonly toolCalls: ToolCall[] = []
  private finish: Finish | null = null

  constructor(
    private readonly writer: MessageWriter,
    private readonly provider: Provider,
    private readonly options: AttemptOptions,
    private readonly watch: Stopwatch,
    private readonly kept: string,
  ) {
    this.deltas = new DeltaStream(writer, options.run)
  }

  async write(parameters: GenerateParameters): Promise<AttemptOutcome> {
    try {
      try {
        this.finish = await this.stream(parameters)
      } finally {
        await this.deltas.flushed()
      }
      const isStored = await this.complete(this.finish)
      return isStored ? { kind: 'completed', finish: this.finish } : { kind: 'stopped', finish: this.finish }
    } catch (error) {
      return this.outcomeOf(error)
    }
  }

  private async stream(parameters: GenerateParameters): Promise<Finish> {
    const { writer, kept, watch, deltas } = this
    const { id, request } = writer.message
    watch.start()
    const chunks = this.provider.generate({
      prompt: prompt(writer.state, id),
      keptText: kept,
      parameters,
      ...(request?.tools !== undefined && { tools: request.tools }),
      signal: AbortSignal.any([writer.signal, this.options.handOver]),
    })
    for await (const chunk of chunks) {
      if (chunk.type === 'finish') return chunk
      if (chunk.type === 'tool-call') {
        this.toolCalls.push({ call: deltas.callId(chunk.call), name: chunk.name, input: chunk.input })
        continue
      }
      watch.chunk()
      const full = deltas.push(chunk)
      if (full !== undefined) await full
      if (writer.standing !== 'mine') throw new Stopped(writer.standing)
    }
    throw new ProviderError('provider_broken', 'The answer of the model stopped without an end.')
  }

  private complete({ reason, usage, response }: Finish): Promise<boolean> {
    return this.writer.append(
      draft('message.completed', {
        run: this.options.run,
        message: this.writer.message.id,
        status: 'complete',
        reason,
        usage,
        timing: this.watch.timing(),
        ...(this.toolCalls.length > 0 && { tool_calls: this.toolCalls }),
        response,
      }),
    )
  }

  private outcomeOf(error: unknown): AttemptOutcome {
    const { writer, finish } = this
    // A message that is no longer ours has not failed, whatever became of the call.
    if (error instanceof Stopped || writer.standing !== 'mine') return { kind: 'stopped', finish }
    // Nothing can be said in the log now: the job is tried again.
    if (error instanceof LogError || !writer.canReachLog) throw error
    const kept = this.kept !== ''
    if (error instanceof ProviderError) return { kind: 'failed', error, kept }
    this.options.onUnforeseen(error)
    const unusable = new ProviderError('provider_broken', 'The answer of the model could not be taken down.')
    return { kind: 'failed', error: unusable, kept }
  }
}
