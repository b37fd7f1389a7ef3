import { type CallState, type Failure, type SessionState, callOf, isOpenCall, pending, runOf } from '@spool/events'
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
import type { Toolbox } from '../tools/toolbox.ts'
import { CallWriter } from './call-writer.ts'
import { type CarriedOut, carryOut } from './carry-out.ts'
import { blobStore } from './store-blob.ts'
import { ToolStopped } from './tool-stopped.ts'

export type Worked =
  /** The call has ended, or is wanted no more, and what follows from that is asked for. */
  | 'done'
  /** Another worker is on it. */
  | 'not-mine'
  /** This process is going down: the next one sees to it. */
  | 'handed-over'

export interface CallWorkerOptions {
  readonly log: Log
  readonly loader: SessionLoader
  readonly worker: Worker
  readonly toolbox: Pick<Toolbox, 'find'>
  /** Why a call must not be carried out by anybody. */
  readonly forbids: (state: SessionState, call: CallState, ref: SessionRef) => Failure | null
  readonly blobs: Blobs
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

  async work(ref: SessionRef, id: string, jobSubject: string): Promise<Worked> {
    try {
      return await this.see(ref, id, jobSubject)
    } catch (error) {
      if (error instanceof SessionErased) return 'done'
      if (this.options.stopping.aborted && isAbort(error)) return 'handed-over'
      throw error
    }
  }

  private async see(ref: SessionRef, id: string, jobSubject: string): Promise<Worked> {
    const { log, loader } = this.options
    const found = await this.unowned(ref, id, jobSubject)
    if (found === null) return 'not-mine'
    const end = isWanted(found, id) ? await this.carryOut(ref, found, id) : found
    if (end === 'handed-over') return end
    loader.keep(ref, end)
    // A newer attempt is at it: to ack would take the job away from under that one.
    if (isWanted(end, id)) return 'not-mine'
    for (const job of pending(end)) await publishJob(log, ref, job, currentTrace())
    return 'done'
  }

  /** The session as it stands once nobody else carries out the call; `null` where somebody does. */
  private async unowned(ref: SessionRef, id: string, jobSubject: string): Promise<SessionState | null> {
    const { loader, worker, stopping } = this.options
    for (let asked: string | null = null; ;) {
      const state = await loader.load(ref)
      const owner = isWanted(state, id) ? callOf(state, id)!.worker : null
      // Asking takes a while, in which another may have taken the call over, or the one that was asked may have finished.
      if (owner === null || owner === asked) return state
      if (await worker.stillHas(owner, jobSubject, stopping)) return null
      asked = owner
    }
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

/** Timers wrap the reason of an abort in an error of their own. */
function isAbort(error: unknown): boolean {
  return error instanceof ToolStopped || (error instanceof Error && error.name === 'AbortError')
}
