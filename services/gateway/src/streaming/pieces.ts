/** Says that nothing more comes. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const CRLF = Buffer.from('\r\n')
/** So many are remembered: those who read history come for the same ones, one client after the other. */
const REMEMBERED = 8

interface Made {
  readonly frames: readonly Uint8Array[]
  readonly piece: Uint8Array
}

const remembered: (Made | undefined)[] = []
let next = 0

/**
 * Frames as one chunk of HTTP/1.1 (RFC 9112, 7.1), so that they are one write to the socket. What many clients are sent
 * one after the other is made once.
 */
export function chunkOf(frames: readonly Uint8Array[]): Uint8Array {
  for (const made of remembered) if (made !== undefined && areSame(made.frames, frames)) return made.piece
  const length = frames.reduce((sum, frame) => sum + frame.length, 0)
  const piece = Buffer.concat([Buffer.from(`${length.toString(16)}\r\n`), ...frames, CRLF])
  remembered[next] = { frames, piece }
  next = (next + 1) % REMEMBERED
  return piece
}

export function joined(frames: readonly Uint8Array[]): Uint8Array {
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames)
}

function areSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((frame, index) => frame === others[index])
}
