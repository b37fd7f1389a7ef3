import {
  type SessionState,
  type SpoolEvent,
  allows,
  emptySession,
  fold,
  isOpenCall,
  isOpenMessage,
  readEvent,
} from '@spool/events'
import { type Frame } from './follower.ts'
import { TOOLS } from './agents-file.ts'
import type { OutsideWorld } from './outside-world.ts'

export type EventOnTheWire = Frame['data']

export interface Judged {
  /** The fold of the events. */
  state: SessionState
  /** What should not be, in words. */
  faults: string[]
}

/**
 * All events of a session whose runs should have ended: unbroken, each allowed where it stands, nothing left open.
 * `onEvent` is told of each that can be read, with the fold up to there.
 */
export function judge(
  events: readonly EventOnTheWire[],
  onEvent: (event: SpoolEvent, state: SessionState) => void = () => undefined,
): Judged {
  const faults: string[] = []
  let state = emptySession()
  for (const { session: _, ...body } of events) {
    const { seq, prev, type } = body
    if (prev !== state.seq) faults.push(`${type} at ${seq} follows ${prev}, the one before was ${state.seq}`)
    const read = readEvent(body)
    const refusal = read.ok ? allows(state, read.event) : read.reason
    if (refusal !== null) faults.push(`${type} at ${seq}: ${refusal}`)
    state = read.ok ? fold(state, { seq, event: read.event }) : { ...state, seq }
    if (read.ok) onEvent(read.event, state)
  }
  for (const { id, lastSeq } of state.runs) if (lastSeq === null) faults.push(`run ${id} is not settled`)
  for (const message of state.messages) if (isOpenMessage(message)) faults.push(`message ${message.id} is open`)
  for (const call of state.calls) if (isOpenCall(call)) faults.push(`call ${call.id} is open`)
  if (state.question !== null) faults.push(`question ${state.question.id} is open`)
  return { state, faults }
}

/** Calls of webhooks that had another effect than their session tells. */
export function wrongEffects({ calls }: SessionState, world: Pick<OutsideWorld, 'effectsOf'>): string[] {
  return calls.flatMap(({ id, name, status, outcome, repeatable, attempt }) => {
    if (!(name in TOOLS)) return []
    const effects = world.effectsOf(id)
    const told = `${name} ${id} is ${outcome ?? status} after attempt ${attempt} and had ${effects} effects`
    if (!repeatable && (effects > 1 || attempt > 1)) return [`${told}: it must not be repeated`]
    if (status === 'completed' && effects === 0) return [`${told}: nothing was done`]
    return attempt === 0 && effects > 0 ? [`${told}: it was not to be touched`] : []
  })
}
