import type { StreamExtent } from '@spool/log'
import type { StoredPlace } from '../storing/checkpoint.ts'

/** The log is not the one that is stored: it has lost what is stored, or what was not stored yet. */
export class LogDiverged extends Error {
  override readonly name = 'LogDiverged'
  readonly code = 'log_diverged'
}

/**
 * From where a shard is read on, or why it must not be.
 *
 * @param idThere the id of the event that the stream has at the checkpoint's position; null where it has none
 */
export function startingPoint(
  checkpoint: StoredPlace,
  stream: StreamExtent,
  idThere: string | null,
): { readonly after: number } | LogDiverged {
  const { epoch, seq, id } = checkpoint
  // A stream that nothing was ever written to begins at 0.
  const next = Math.max(0, stream.firstSeq - 1)
  if (seq === 0) {
    if (next <= Math.max(0, stream.epochFirst - 1)) return { after: next }
    return postgresIsBehind(`The log begins at ${stream.firstSeq}, but nothing is stored.`)
  }
  if (stream.epoch < epoch) {
    return diverged(`Events of epoch ${epoch} are stored, but the log is in epoch ${stream.epoch}.`)
  }
  if (stream.epoch > epoch) {
    // A repaired log begins beyond all that is stored.
    if (next >= seq) return { after: next }
    return diverged(`Epoch ${stream.epoch} of the log begins at ${stream.firstSeq}, but ${seq} is stored.`)
  }
  if (stream.lastSeq < seq) return diverged(`The log ends at ${stream.lastSeq}, but ${seq} is stored.`)
  if (idThere !== null && idThere !== id) {
    return diverged(`The log has event ${idThere} at ${seq}, but ${id} is stored there.`)
  }
  if (next > seq) return postgresIsBehind(`The log begins at ${stream.firstSeq}, but is stored only up to ${seq}.`)
  return { after: seq }
}

export function diverged(what: string): LogDiverged {
  return new LogDiverged(
    `${what} The NATS store has lost data or is another one; nothing more is stored until it is repaired (spool log restore).`,
  )
}

/** Nothing leaves the log that is not stored: it was. */
function postgresIsBehind(what: string): LogDiverged {
  return new LogDiverged(
    `${what} Postgres has lost what was stored, or is another one (or NATS is); nothing more is stored until a newer backup of it is in its place, or the log is begun anew (spool log restore).`,
  )
}
