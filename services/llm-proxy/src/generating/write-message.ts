import { setTimeout as sleep } from 'node:timers/promises'
import { type Usage, draft, runOf } from '@spool/events'
import type { ProviderChoice } from '../providers/choose-provider.ts'
import { ProviderError } from '../providers/provider-error.ts'
import type { Provider } from '../providers/provider.ts'
import { refusingProvider } from '../providers/refusing-provider.ts'
import { type AttemptReason, attempt } from './attempt.ts'
import type { MessageWriter } from './message-writer.ts'

/** Failures of the provider after which a message is given up. */
const MAX_FAILURES = 3
/** All attempts, takeovers included: workers that die on a message one after the other. */
const MAX_ATTEMPTS = 12
/** A provider that asks to be left alone for longer is not waited for. */
const MAX_PAUSE_MS = 60_000

export interface WriteOptions {
  readonly run: string
  readonly worker: string
  readonly providers: ProviderChoice
  /** Aborted when this process must let go of what it has not finished. */
  readonly handOver: AbortSignal
  readonly onUnforeseen: (error: unknown) => void
}

export type Written =
  /** Closed, by this writer or by somebody else, or in the hands of a newer attempt: the writer's state says. */
  | 'over'
  /** This process is going down: the next one goes on from what is in the log. */
  | 'handed-over'

/** Attempts, until the message is closed. Each begins with a look at where the message stands by now. */
export async function writeMessage(writer: MessageWriter, options: WriteOptions): Promise<Written> {
  const { run, worker, handOver, onUnforeseen } = options
  let reason: AttemptReason = writer.message.attempt > 0 ? 'takeover' : 'first'
  let mayContinue = true
  let spent: Usage | undefined
  for (;;) {
    if (writer.standing === 'lost') return 'over'
    if (writer.standing === 'cancelled') return close(writer, run, cancelReason(writer), spent)
    if (handOver.aborted) return 'handed-over'
    if (writer.message.attempt >= MAX_ATTEMPTS) return close(writer, run, 'server_crashed')
    const provider = choose(options.providers, writer.message.model ?? 'default')
    await begin(writer, run, provider)
    const outcome = await attempt(writer, provider, { run, worker, reason, mayContinue, handOver, onUnforeseen })
    if (outcome.kind === 'completed') return 'over'
    reason = 'retry'
    if (outcome.kind === 'stopped') {
      spent = outcome.finish?.usage
      continue
    }
    const { error } = outcome
    await fail(writer, run, error)
    // The provider does not take a beginning of its answer after all.
    const isSeamRefused = outcome.kept && error.code === 'provider_bad_request'
    if (isSeamRefused) mayContinue = false
    else if (!isWorthAnother(error, writer.message.failures.length)) {
      return close(writer, run, error.code === 'provider_content_filtered' ? 'content_filter' : 'provider_failed')
    }
    await pause(writer, error, handOver)
  }
}

function choose(providers: ProviderChoice, model: string): Provider {
  try {
    return providers.choose(model)
  } catch (error) {
    if (error instanceof ProviderError) return refusingProvider(model, error)
    throw error
  }
}

async function begin(writer: MessageWriter, run: string, { name, model }: Provider): Promise<void> {
  const { id, status, purpose } = writer.message
  if (status !== 'requested') return
  const about = { run, message: id, role: 'assistant', purpose: purpose ?? 'answer', provider: name, model } as const
  await writer.append(draft('message.started', about))
}

async function fail(writer: MessageWriter, run: string, { code, message }: ProviderError): Promise<void> {
  const { id, attempt: number } = writer.message
  await writer.append(draft('generation.failed', { run, message: id, attempt: number, error: { code, message } }))
}

function isWorthAnother({ retryable, retryAfterMs = 0 }: ProviderError, failures: number): boolean {
  return retryable && failures < MAX_FAILURES && retryAfterMs <= MAX_PAUSE_MS
}

async function pause(writer: MessageWriter, error: ProviderError, handOver: AbortSignal): Promise<void> {
  const backOffMs = 250 * 2 ** writer.message.failures.length * (0.5 + Math.random() / 2)
  const signal = AbortSignal.any([writer.signal, handOver])
  await sleep(Math.max(error.retryAfterMs ?? 0, backOffMs), undefined, { signal }).catch(() => undefined)
}

function cancelReason(writer: MessageWriter): 'cancelled' | 'client_disconnected' {
  const reason = runOf(writer.state, writer.message.run)?.cancelRequested?.reason
  return reason === 'client_disconnected' ? 'client_disconnected' : 'cancelled'
}

async function close(
  writer: MessageWriter,
  run: string,
  reason: 'cancelled' | 'client_disconnected' | 'provider_failed' | 'content_filter' | 'server_crashed',
  usage?: Usage,
): Promise<'over'> {
  const end = { run, message: writer.message.id, status: 'partial', reason, ...(usage && { usage }) } as const
  await writer.append(draft('message.completed', end))
  return 'over'
}
