import { phaseOf } from '../phase/phase-of.ts'
import type { Placed } from '../placed.ts'
import type { SessionState } from '../state/session-state.ts'
import type { SpoolEvent } from '../vocabulary/event.ts'
import { foldEvent } from './fold-event.ts'

/**
 * The one fold: pure, total, immutable.
 *
 * Positions only grow, so an event that was folded before changes nothing. An event of an unknown type, one that speaks
 * of what is not there or is finished, and one after the erasure change nothing but the position; `allows` says why a
 * writer should not have appended it.
 */
export function fold(state: SessionState, placed: Placed): SessionState {
  const { seq, event } = placed
  if (seq <= state.seq) return state
  const folded = state.erased ? state : foldEvent(state, seq, event)
  if (isDelta(event)) return { ...folded, seq, updatedAt: folded === state ? state.updatedAt : event.at }
  const known = folded !== state
  return {
    ...folded,
    seq,
    firstSeq: folded.firstSeq === 0 ? seq : folded.firstSeq,
    phase: known ? phaseOf(folded) : folded.phase,
    createdAt: known && folded.createdAt === null ? (event.at ?? null) : folded.createdAt,
    updatedAt: known ? (event.at ?? null) : folded.updatedAt,
  }
}

/** Deltas are nearly all of a log and never move the phase. */
function isDelta(event: SpoolEvent): event is Extract<SpoolEvent, { type: `${string}.delta` }> {
  return event.type === 'text.delta' || event.type === 'reasoning.delta' || event.type === 'tool.input.delta'
}
