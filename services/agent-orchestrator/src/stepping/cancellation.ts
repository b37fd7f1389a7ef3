import { setTimeout as pause } from 'node:timers/promises'
import { type SessionState, isBeingImported, isOpenCall, isOpenMessage, runOf } from '@spool/events'
import { type Log, type SessionRef, follow, foldStored } from '@spool/log'
import { CLOSING_GRACE_MS } from '../deciding/close-cancelled.ts'
import type { Stepper } from './stepper.ts'

/** Where there is nothing to wait for but others. */
const LOOK_AGAIN_MS = 100

/**
 * Sees a requested cancel through to its end: whoever streams has a moment to close the message; where nobody does,
 * the next step closes it. Resolves with the state in which the run has ended.
 */
export async function completeCancel(
  log: Log,
  stepper: Stepper,
  ref: SessionRef,
  run: string,
  state: SessionState,
): Promise<SessionState> {
  let current = state
  while (runOf(current, run)?.endedSeq === null) {
    current = await untilClosed(log, ref, run, current)
    const { seq } = current
    current = (await stepper.take(ref, { kind: 'work' })).state
    if (current.seq === seq) await pause(LOOK_AGAIN_MS)
  }
  return current
}

/** Whether a step has left a cancel behind that somebody still has to close. */
export function cancelUnderWay(state: SessionState): string | null {
  const active = isBeingImported(state) ? undefined : runOf(state, state.activeRun)
  return active !== undefined && active.cancelRequested !== null ? active.id : null
}

/** Until what the run has open is closed or the grace is over. */
async function untilClosed(log: Log, ref: SessionRef, run: string, state: SessionState): Promise<SessionState> {
  const requestedAt = runOf(state, run)?.cancelRequested?.at
  const waitedMs = requestedAt === undefined ? Infinity : Math.max(0, Date.now() - Date.parse(requestedAt))
  const leftMs = CLOSING_GRACE_MS - waitedMs
  let current = state
  if (leftMs <= 0 || !isClosing(current, run)) return current
  const cursor = { epoch: log.epochOf(ref), seq: current.seq }
  for await (const stored of follow(log, ref, cursor, AbortSignal.timeout(leftMs))) {
    current = foldStored(current, stored)
    if (!isClosing(current, run)) break
  }
  return current
}

function isClosing(state: SessionState, run: string): boolean {
  return (
    state.messages.some((message) => message.run === run && isOpenMessage(message)) ||
    state.calls.some((call) => call.run === run && isOpenCall(call))
  )
}
