import { createReadStream } from 'node:fs'

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without its line feed. */
  readonly bytes: Buffer
  /** Where it begins in the file, and where the next one does. */
  readonly from: number
  readonly to: number
}

/** An event has 256 KiB, as base64 a third more; a chunk of a blob less. */
const LONGEST_LINE = 4 * 1024 ** 2

export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'

  constructor(readonly line: number) {
    super(`line ${line} is longer than any line of an export`)
  }
}

/** The lines of a file between two places, the first of which begins a line. */
export async function* linesOf(
  file: string,
  { from = 0, to = Infinity, firstNumber = 1 } = {},
): AsyncGenerator<Line, void, undefined> {
  if (to <= from) return
  let number = firstNumber
  let at = from
  let held: Buffer[] = []
  let heldLength = 0
  for await (const chunk of createReadStream(file, { start: from, end: to - 1 }) as AsyncIterable<Buffer>) {
    let begin = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
      const rest = chunk.subarray(begin, end)
      const bytes = held.length === 0 ? rest : Buffer.concat([...held, rest])
      held = []
      heldLength = 0
      begin = end + 1
      yield { number, bytes, from: at, to: at + bytes.length + 1 }
      number++
      at += bytes.length + 1
    }
    if (begin === chunk.length) continue
    held.push(chunk.subarray(begin))
    heldLength += chunk.length - begin
    if (heldLength > LONGEST_LINE) throw new LineTooLong(number)
  }
  if (heldLength > 0) yield { number, bytes: Buffer.concat(held), from: at, to: at + heldLength }
}
