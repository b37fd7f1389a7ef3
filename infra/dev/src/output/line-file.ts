import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file that lines are written to, begun anew at each start: the log of a server that nobody wants on the screen. */
export function lineFile(path: string): { write(line: string): void; close(): void } {
  mkdirSync(dirname(path), { recursive: true })
  const stream = createWriteStream(path)
  // A full disk must not take the launcher down for the sake of a log.
  stream.on('error', () => {})
  return { write: (line) => void stream.write(`${line}\n`), close: () => void stream.end() }
}
