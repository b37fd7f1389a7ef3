import { type ToolCall, codePoints, draft, keptText, prompt } from '@spool/events'
import { ProviderError } from '../providers/provider-error.ts'
import type { Chunk, Provider } from '../providers/provider.ts'
import { DeltaStream } from './delta-stream.ts'
import { type MessageWriter, Stopped } from './message-writer.ts'
import { Stopwatch } from './stopwatch.ts'

export type AttemptReason = 'first' | 'retry' | 'failover' | 'takeover'

export type AttemptOutcome =
  /** The message is closed, by this attempt or by somebody else. */
  { kind: 'closed' } | { kind: 'cancelled' } | { kind: 'handed-over' } | { kind: 'failed'; error: ProviderError }

type Finish = Extract<Chunk, { type: 'finish' }>

/** One call of a provider for a message: begins it in the log, streams it there, closes it where it comes to its end. */
export async function attempt(
  writer: MessageWriter,
  provider: Provider,
  options: { run: string; worker: string; reason: AttemptReason; handOver: AbortSignal },
): Promise<AttemptOutcome> {
  const { run, worker, reason } = options
  const { id, attempt: before } = writer.message
  const kept = provider.continuesText ? keptText(writer.state, id) : ''
  const signal = AbortSignal.any([writer.signal, options.handOver])
  const started = draft('generation.started', {
    run,
    message: id,
    attempt: before + 1,
    worker,
    provider: provider.name,
    model: provider.model,
    reason,
    kept: codePoints(kept),
  })
  const deltas = new DeltaStream(writer, run)
  const watch = new Stopwatch()
  try {
    if (!(await writer.append(started))) return standingOf(writer)
    const finish = await stream(writer, provider, deltas, watch, kept, signal)
    await deltas.flushed()
    return await complete(writer, run, finish, watch)
  } catch (error) {
    await deltas.flushed()
    return outcomeOf(writer, error)
  }
}

interface Finished extends Finish {
  toolCalls: ToolCall[]
}

async function stream(
  writer: MessageWriter,
  provider: Provider,
  deltas: DeltaStream,
  watch: Stopwatch,
  kept: string,
  signal: AbortSignal,
): Promise<Finished> {
  const { id, request, parameters } = writer.message
  const toolCalls: ToolCall[] = []
  const chunks = provider.generate({
    prompt: prompt(writer.state, id),
    keptText: kept,
    parameters: parameters ?? {},
    ...(request?.tools !== undefined && { tools: request.tools }),
    signal,
  })
  for await (const chunk of chunks) {
    if (chunk.type === 'finish') return { ...chunk, toolCalls }
    if (chunk.type === 'tool-call') {
      toolCalls.push({ call: deltas.callId(chunk.call), name: chunk.name, input: chunk.input })
      continue
    }
    watch.chunk()
    const full = deltas.push(chunk)
    if (full !== undefined) await full
    if (writer.standing !== 'mine') throw new Stopped(writer.standing)
  }
  throw new ProviderError('provider_broken', 'The answer of the model stopped without an end.')
}

async function complete(
  writer: MessageWriter,
  run: string,
  finish: Finished,
  watch: Stopwatch,
): Promise<AttemptOutcome> {
  const completed = draft('message.completed', {
    run,
    message: writer.message.id,
    status: 'complete',
    reason: finish.reason,
    usage: finish.usage,
    timing: watch.timing(),
    ...(finish.toolCalls.length > 0 && { tool_calls: finish.toolCalls }),
    response: finish.response,
  })
  return (await writer.append(completed)) ? { kind: 'closed' } : standingOf(writer)
}

function outcomeOf(writer: MessageWriter, error: unknown): AttemptOutcome {
  if (error instanceof ProviderError) return { kind: 'failed', error }
  if (!(error instanceof Stopped)) throw error
  if (error.why === 'handed-over') return { kind: 'handed-over' }
  return error.why === 'cancelled' ? { kind: 'cancelled' } : standingOf(writer)
}

function standingOf(writer: MessageWriter): AttemptOutcome {
  return writer.standing === 'cancelled' ? { kind: 'cancelled' } : { kind: 'closed' }
}
