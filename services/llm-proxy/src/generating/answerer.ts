import { type MessageState, type SessionState, isOpenMessage, isTurn, messageOf, runOf } from '@spool/events'
import {
  type Blobs,
  type Log,
  type SessionLoader,
  type SessionRef,
  type Worker,
  type SeenThrough,
  seeThrough,
} from '@spool/log'
import { ProviderError } from '../providers/provider-error.ts'
import { type Routes, refusingRoute } from '../routing/routes.ts'
import { loadBeside } from './load-beside.ts'
import { MessageWriter } from './message-writer.ts'
import { type WriteOptions, writeMessage } from './write-message.ts'

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

  answer(ref: SessionRef, id: string, jobSubject: string): Promise<SeenThrough> {
    const { handOver: lettingGo } = this.options
    return seeThrough({ ...this.options, lettingGo }, ref, jobSubject, {
      isWanted: (state) => isWanted(state, id),
      ownerOf: (state) => messageOf(state, id)?.worker ?? null,
      carryOut: (state) => this.write(ref, state, id, jobSubject),
    })
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
