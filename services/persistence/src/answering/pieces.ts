import { from, type Observable } from 'rxjs'

/**
 * Small enough for any piece to fit into one message of the bus (1 MiB), whatever its characters are: at most three
 * bytes each, and the quotes and backslashes of JSON within JSON.
 */
const PIECE_LENGTH = 256 * 1024

/** An answer as JSON text in pieces. A cut through a character is mended where the pieces are joined. */
export function inPieces(answer: unknown): Observable<string> {
  const text = JSON.stringify(answer)
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += PIECE_LENGTH) pieces.push(text.slice(at, at + PIECE_LENGTH))
  return from(pieces)
}
