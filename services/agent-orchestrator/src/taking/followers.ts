import { type RunState, type SessionState, newId, runOf } from '@spool/events'
import { type Delivery, type Log, type Settlement, DONE, askFollowers } from '@spool/log'
import { completeCancel } from '../stepping/cancellation.ts'
import type { Stepper } from '../stepping/stepper.ts'

/** The job by which the sweep has a step ask whether anybody follows. */
export const FOLLOWERS = 'followers'

/**
 * A gateway cancels a run that wants it once its last follower has left; of one that died nobody is left to see that.
 * So the gateways are asked here, and once more after the time that a follower has to come back.
 */
export async function cancelIfAlone(
  log: Log,
  stepper: Stepper,
  delivery: Delivery,
  patienceMs: number,
): Promise<Settlement> {
  const { ref } = delivery
  const { state } = await stepper.take(ref, { kind: 'work' })
  const run = cancellable(state)
  if (run === undefined || (await askFollowers(log, ref))) return DONE
  if (delivery.deliveries === 1) return { kind: 'later', delayMs: patienceMs }
  const request = { request: newId(), run: run.id, by: 'spool', reason: 'client_disconnected' }
  const cancelled = await stepper.take(ref, { kind: 'cancel', request })
  if (cancelled.refusal === null) await completeCancel(log, stepper, ref, run.id, cancelled.state)
  return DONE
}

/** One that waits for a person waits on: that person may come back after days. */
function cancellable(state: SessionState): RunState | undefined {
  const run = runOf(state, state.activeRun)
  if (run === undefined || state.question?.run === run.id) return undefined
  return run.on_disconnect === 'cancel' && run.cancelRequested === null ? run : undefined
}
