import { setTimeout as sleep } from 'node:timers/promises'
import { type MessageState, type SessionState, draft, isOpenMessage, messageOf, pending, runOf } from '@spool/events'
import { type Log, type SessionLoader, type SessionRef, type Worker, currentTrace, publishJob } from '@spool/log'
import type { ProviderChoice } from '../providers/choose-provider.ts'
import { ProviderError } from '../providers/provider-error.ts'
import type { Provider } from '../providers/provider.ts'
import { type AttemptReason, attempt } from './attempt.ts'
import { MessageWriter } from './message-writer.ts'

/** Failures of the provider after which a message is given up. */
const MAX_FAILURES = 3
/** All attempts, takeovers included: workers that die on a message one after the other. */
const MAX_ATTEMPTS = 12

export type Answered =
  /** The message is closed and what follows from that is asked for. */
  | 'done'
  /** Another worker is on it. */
  | 'not-mine'
  /** This process is going down: the next one goes on from what is in the log. */
  | 'handed-over'

/** Sees a requested message through to its end: takes over what a dead worker left, calls providers, closes it. */
export class Answerer {
  constructor(
    private readonly log: Log,
    private readonly loader: SessionLoader,
    private readonly worker: Worker,
    private readonly providers: ProviderChoice,
    private readonly handOver: AbortSignal,
  ) {}

  async answer(ref: SessionRef, id: string, jobSubject: string): Promise<Answered> {
    const found = await this.loader.load(ref)
    const owner = messageOf(found, id)?.worker
    if (owner != null && isWanted(found, id) && owner !== this.worker.id) {
      if (await this.worker.stillHas(owner, jobSubject, this.handOver)) return 'not-mine'
    }
    // Asking takes a while, in which the one that was asked about may have finished.
    const state = owner == null ? found : await this.loader.load(ref)
    const end = isWanted(state, id) ? await this.write(ref, state, id, owner != null) : state
    if (end === null) return 'handed-over'
    this.loader.keep(ref, end)
    for (const job of pending(end)) await publishJob(this.log, ref, job, currentTrace())
    return 'done'
  }

  /** The state in which the message is closed; `null` when it was handed over before. */
  private async write(
    ref: SessionRef,
    state: SessionState,
    id: string,
    isTakeover: boolean,
  ): Promise<SessionState | null> {
    const message = messageOf(state, id)!
    const run = message.run!
    const writer = new MessageWriter(this.log, ref, state, id, message.attempt)
    try {
      for (let reason = firstReason(message, isTakeover); ; reason = 'retry') {
        if (writer.message.attempt >= MAX_ATTEMPTS) return await close(writer, run, 'server_crashed')
        const provider = this.choose(writer.message.model ?? 'default')
        if (!(await this.begin(writer, run, provider))) return writer.state
        const options = { run, worker: this.worker.id, reason, handOver: this.handOver }
        const outcome = await attempt(writer, provider, options)
        if (outcome.kind === 'closed') return writer.state
        if (outcome.kind === 'handed-over') return null
        if (outcome.kind === 'cancelled') return await close(writer, run, cancelReason(writer))
        const { error } = outcome
        await fail(writer, run, error)
        if (!error.retryable || writer.message.failures.length >= MAX_FAILURES) {
          return await close(
            writer,
            run,
            error.code === 'provider_content_filtered' ? 'content_filter' : 'provider_failed',
          )
        }
        await this.pause(writer, error)
        if (this.handOver.aborted) return null
      }
    } finally {
      writer.close()
    }
  }

  private async begin(writer: MessageWriter, run: string, provider: Provider): Promise<boolean> {
    const { id, status, purpose } = writer.message
    if (status !== 'requested') return true
    const { name, model } = provider
    return writer.append(
      draft('message.started', {
        run,
        message: id,
        role: 'assistant',
        purpose: purpose ?? 'answer',
        provider: name,
        model,
      }),
    )
  }

  private choose(model: string): Provider {
    try {
      return this.providers.choose(model)
    } catch (error) {
      if (error instanceof ProviderError) return refusing(model, error)
      throw error
    }
  }

  private async pause(writer: MessageWriter, error: ProviderError): Promise<void> {
    const backOffMs = 250 * 2 ** writer.message.failures.length * (0.5 + Math.random() / 2)
    const signal = AbortSignal.any([writer.signal, this.handOver])
    await sleep(error.retryAfterMs ?? backOffMs, undefined, { signal }).catch(() => undefined)
  }
}

function isWanted(state: SessionState, id: string): boolean {
  const message = messageOf(state, id)
  if (message === undefined || !isOpenMessage(message)) return false
  return runOf(state, message.run)?.endedSeq === null
}

function firstReason(message: MessageState, isTakeover: boolean): AttemptReason {
  return isTakeover || message.attempt > 0 ? 'takeover' : 'first'
}

function cancelReason(writer: MessageWriter): 'cancelled' | 'client_disconnected' {
  const reason = runOf(writer.state, writer.message.run)?.cancelRequested?.reason
  return reason === 'client_disconnected' ? 'client_disconnected' : 'cancelled'
}

async function fail(writer: MessageWriter, run: string, { code, message }: ProviderError): Promise<void> {
  const { id, attempt: number } = writer.message
  await writer.append(draft('generation.failed', { run, message: id, attempt: number, error: { code, message } }))
}

async function close(
  writer: MessageWriter,
  run: string,
  reason: 'cancelled' | 'client_disconnected' | 'provider_failed' | 'content_filter' | 'server_crashed',
): Promise<SessionState> {
  await writer.append(draft('message.completed', { run, message: writer.message.id, status: 'partial', reason }))
  return writer.state
}

/** Stands for a model that nobody offers, so that the refusal goes the way of every other failure. */
function refusing(model: string, error: ProviderError): Provider {
  return {
    name: 'none',
    model,
    continuesText: true,
    // eslint-disable-next-line require-yield
    async *generate() {
      throw error
    },
  }
}
