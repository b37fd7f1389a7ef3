/** The largest message that is taken from a server; what carries more is answered for. */
export const maxMessageBytes = 8 * 1024 * 1024

/** JSON-RPC codes of answers that we put in the place of the server's: outside of what servers may use. */
export const answerTooLarge = -39_801
export const answerLost = -39_802

const newline = 0x0a
const keptBytes = 512

export type FrameEnd = 'line' | 'event' | 'end'

/**
 * Cuts a stream of bytes into messages: lines, events of an event stream, or all of it. In the place of a message that is
 * too large it gives an error with the same id: the call that asked for it hears, and all others go on. One that cannot be
 * told from others breaks the stream.
 */
export class Frames {
  #chunks: Buffer[] = []
  #bytes = 0
  #lineIsBlank = true
  /** Of a message that is too large, only its beginning and its end. */
  #head: Buffer | null = null
  #tail: Buffer = Buffer.alloc(0)

  constructor(
    private readonly end: FrameEnd,
    private readonly maxBytes = maxMessageBytes,
  ) {}

  /** The messages that are whole with these bytes, each with what ends it. */
  take(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = []
    let from = 0
    if (this.end !== 'end') {
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) {
        const isBlank = this.#lineIsBlank && isBlankTo(chunk, lineStart(chunk, at, from), at)
        this.#lineIsBlank = true
        if (this.end === 'event' && !isBlank) continue
        this.#keep(chunk.subarray(from, at + 1))
        frames.push(...this.rest())
        from = at + 1
      }
    }
    const left = chunk.subarray(from)
    this.#keep(left)
    this.#lineIsBlank &&= isBlankTo(left, left.lastIndexOf(newline) + 1, left.length)
    return frames
  }

  /** What came last, if anything; to be asked for where the stream ends. */
  rest(): Buffer[] {
    const frame = this.#head === null ? Buffer.concat(this.#chunks) : this.#stub(this.#head)
    this.#chunks = []
    this.#bytes = 0
    this.#head = null
    return frame.length === 0 ? [] : [frame]
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#bytes += bytes.length
    if (this.#head === null && this.#bytes <= this.maxBytes) {
      this.#chunks.push(bytes)
      return
    }
    if (this.#head === null) {
      const all = Buffer.concat([...this.#chunks, bytes])
      this.#head = Buffer.from(all.subarray(0, keptBytes))
      this.#tail = Buffer.from(all.subarray(-keptBytes))
      this.#chunks = []
    } else {
      this.#tail = Buffer.from(Buffer.concat([this.#tail, bytes.subarray(-keptBytes)]).subarray(-keptBytes))
    }
  }

  #stub(head: Buffer): Buffer {
    const text = head.toString('latin1')
    const json = this.end === 'event' ? text.slice(text.search(/^data:/m)).replace(/^data: ?/, '') : text
    const id = idOf(json, this.#tail.toString('latin1'))
    // Nobody waits for a notification.
    if (id === null && /^\s*\{[^{]*"method"/.test(json)) return Buffer.alloc(0)
    if (id === null) throw new Error(`The server sent a message of more than ${this.maxBytes} bytes.`)
    const message = `The answer has more than ${this.maxBytes} bytes.`
    const stub = JSON.stringify({ jsonrpc: '2.0', id, error: { code: answerTooLarge, message } })
    return Buffer.from(this.end === 'event' ? `data: ${stub}\n\n` : `${stub}\n`)
  }
}

/** Where servers write it: before the result, or after it. */
function idOf(head: string, tail: string): number | null {
  const [, id] =
    /^\s*\{(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,)?\s*"id"\s*:\s*(\d+)\s*[,}]/.exec(head) ??
    /,\s*"id"\s*:\s*(\d+)\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail) ??
    []
  return id === undefined ? null : Number(id)
}

const lineStart = (chunk: Buffer, at: number, from: number) =>
  at === 0 ? from : Math.max(from, chunk.lastIndexOf(newline, at - 1) + 1)

function isBlankTo(chunk: Buffer, from: number, to: number): boolean {
  return to === from || (to === from + 1 && chunk[from] === 0x0d)
}
