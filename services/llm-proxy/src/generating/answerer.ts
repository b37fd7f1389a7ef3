import { type MessageState, type SessionState, isOpenMessage, isTurn, messageOf, pending, runOf } from '@spool/events'
import {
  type Blobs,
  type Log,
  type SessionLoader,
  type SessionRef,
  type Worker,
  SessionErased,
  currentTrace,
  publishJob,
} from '@spool/log'
import { ProviderError } from '../providers/provider-error.ts'
import { type Routes, refusingRoute } from '../routing/routes.ts'
import { loadBeside } from './load-beside.ts'
import { MessageWriter } from './message-writer.ts'
import { Stopped } from './stopped.ts'
import { type WriteOptions, writeMessage } from './write-message.ts'

export type Answered =
  /** The message is closed and what follows from that is asked for. */
  | 'done'
  /** Another worker is on it. */
  | 'not-mine'
  /** This process is going down: the next one goes on from what is in the log. */
  | 'handed-over'

export interface AnswererOptions {
  readonly log: Log
  readonly blobs: Pick<Blobs, 'get'>
  readonly loader: SessionLoader
  readonly worker: Worker
  readonly routes: Routes
  /** Aborted when this process must let go of what it has not finished. */
  readonly handOver: AbortSignal
  /** Told of each call of a model that failed. */
  readonly onFailed: (error: ProviderError, message: MessageState, ref: SessionRef) => void
  /** Told of failures that nobody has foreseen. */
  readonly onUnforeseen: (error: unknown, jobSubject: string) => void
}

/** Sees a requested message through to its end; takes over what a dead worker left. */
export class Answerer {
  constructor(private readonly options: AnswererOptions) {}

  async answer(ref: SessionRef, id: string, jobSubject: string): Promise<Answered> {
    try {
      return await this.see(ref, id, jobSubject)
    } catch (error) {
      if (error instanceof SessionErased) return 'done'
      if (this.options.handOver.aborted && isAbort(error)) return 'handed-over'
      throw error
    }
  }

  private async see(ref: SessionRef, id: string, jobSubject: string): Promise<Answered> {
    const { log, loader } = this.options
    const found = await this.unowned(ref, id, jobSubject)
    if (found === null) return 'not-mine'
    const end = isWanted(found, id) ? await this.write(ref, found, id, jobSubject) : found
    if (end === 'handed-over') return end
    loader.keep(ref, end)
    // A newer attempt writes it: to ack would take the job away from under that one.
    if (isWanted(end, id)) return 'not-mine'
    for (const job of pending(end)) await publishJob(log, ref, job, currentTrace())
    return 'done'
  }

  /** The session as it stands once nobody else writes the message; `null` where somebody does. */
  private async unowned(ref: SessionRef, id: string, jobSubject: string): Promise<SessionState | null> {
    const { loader, worker, handOver } = this.options
    for (let asked: string | null = null; ;) {
      const state = await loader.load(ref)
      const owner = isWanted(state, id) ? messageOf(state, id)!.worker : null
      // Asking takes a while, in which another may have taken the message over, or the one that was asked may have finished.
      if (owner === null || owner === asked) return state
      if (await worker.stillHas(owner, jobSubject, handOver)) return null
      asked = owner
    }
  }

  private async write(
    ref: SessionRef,
    state: SessionState,
    id: string,
    jobSubject: string,
  ): Promise<SessionState | 'handed-over'> {
    const { log, worker, handOver, onFailed, onUnforeseen } = this.options
    const message = messageOf(state, id)!
    const means = await this.means(ref, message)
    const writer = new MessageWriter(log, ref, state, id)
    try {
      const written = await writeMessage(writer, {
        run: message.run!,
        worker: worker.id,
        ...means,
        handOver,
        onFailed: (error, failed) => onFailed(error, failed, ref),
        onUnforeseen: (error) => onUnforeseen(error, jobSubject),
      })
      return written === 'over' ? writer.state : written
    } finally {
      writer.close()
    }
  }

  /** With what the message is written. */
  private async means(ref: SessionRef, message: MessageState): Promise<Pick<WriteOptions, 'routes' | 'beside'>> {
    const { blobs, routes } = this.options
    const beside = await loadBeside(blobs, ref, message)
    return beside instanceof ProviderError
      ? { routes: { of: (model) => [refusingRoute(model, beside)] } }
      : { routes, beside }
  }
}

function isWanted(state: SessionState, id: string): boolean {
  const message = messageOf(state, id)
  if (message === undefined || !isOpenMessage(message)) return false
  // What runs beside the runs is seen through to its end, if only to close it.
  return !isTurn(message) || runOf(state, message.run)?.endedSeq === null
}

/** Timers wrap the reason of an abort in an error of their own. */
function isAbort(error: unknown): boolean {
  return error instanceof Stopped || (error instanceof Error && error.name === 'AbortError')
}
