import { type CallState, type Failure, type SessionState, callOf, isOpenCall, runOf } from '@spool/events'
import {
  type Blobs,
  type Log,
  type SessionLoader,
  type SessionRef,
  type Worker,
  type SeenThrough,
  seeThrough,
} from '@spool/log'
import type { Toolbox } from '../tools/toolbox.ts'
import { CallWriter } from './call-writer.ts'
import { type CarriedOut, carryOut } from './carry-out.ts'
import { blobStore } from './store-blob.ts'

export interface CallWorkerOptions {
  readonly log: Log
  readonly loader: SessionLoader
  readonly worker: Worker
  readonly toolbox: Pick<Toolbox, 'find'>
  /** Why a call must not be carried out by anybody. */
  readonly forbids: (state: SessionState, call: CallState, ref: SessionRef) => Failure | null
  readonly blobs: Blobs
  /** Removes what tools have left on this machine of a session that was erased. */
  readonly clear?: (ref: SessionRef) => Promise<void>
  /** Aborted with a `ToolStopped` as soon as this process takes nothing new: what may run twice is handed over. */
  readonly stopping: AbortSignal
  /** Aborted with a `ToolStopped` when it must let go of what has not ended by then. */
  readonly drained: AbortSignal
  /** Told of failures that nobody has foreseen. */
  readonly onUnforeseen: (error: unknown, call: CallState, ref: SessionRef) => void
}

/** Sees a call of a tool through to its end; takes over what a dead worker left, where that may be. */
export class CallWorker {
  constructor(private readonly options: CallWorkerOptions) {}

  work(ref: SessionRef, id: string, jobSubject: string): Promise<SeenThrough> {
    const { stopping: lettingGo } = this.options
    return seeThrough({ ...this.options, lettingGo }, ref, jobSubject, {
      isWanted: (state) => isWanted(state, id),
      ownerOf: (state) => callOf(state, id)?.worker ?? null,
      carryOut: (state) => this.carryOut(ref, state, id),
      clear: async () => {
        await this.options.clear?.(ref)
        await this.options.blobs.eraseOf(ref)
      },
    })
  }

  private async carryOut(ref: SessionRef, state: SessionState, id: string): Promise<SessionState | 'handed-over'> {
    const { log, worker, toolbox, forbids, blobs, stopping, drained, onUnforeseen } = this.options
    const writer = new CallWriter(log, ref, state, id)
    try {
      const carriedOut: CarriedOut = await carryOut(writer, {
        worker: worker.id,
        toolbox,
        forbids: (current, call) => forbids(current, call, ref),
        store: blobStore(blobs, log.bus, ref, drained),
        stopping,
        drained,
        onUnforeseen: (error) => onUnforeseen(error, writer.call, ref),
      })
      return carriedOut === 'over' ? writer.state : carriedOut
    } finally {
      writer.close()
    }
  }
}

/** Somebody still has to see to it. What is left of a cancelled run is closed by whoever decides. */
function isWanted(state: SessionState, id: string): boolean {
  const call = callOf(state, id)
  if (call === undefined || !isOpenCall(call) || state.activeRun !== call.run) return false
  return runOf(state, call.run)?.cancelRequested === null
}
