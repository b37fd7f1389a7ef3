/** One dispatched frame of a `text/event-stream`. */
export interface SseFrame {
  /** Of this very frame; frames without one are no place to come back to. */
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

const LINE_END = /\r\n|\n|\r/g

/**
 * Reads `text/event-stream` as the HTML standard says it. Bytes may be cut anywhere: within a character, between CR
 * and LF, in the middle of a field.
 */
export class SseParser {
  /** What the server last asked clients to wait before they come back. */
  retryMs: number | undefined = undefined
  private readonly decoder = new TextDecoder()
  /** The piece of a line that has come so far. */
  private rest = ''
  private endedInReturn = false
  private data: string[] = []
  private event = ''
  private id: string | undefined = undefined

  push(bytes: Uint8Array): SseFrame[] {
    const frames: SseFrame[] = []
    let piece = this.decoder.decode(bytes, { stream: true })
    if (piece === '') return frames
    // A CR ended the last line already; what follows may be the other half of a CRLF.
    if (this.endedInReturn && piece.startsWith('\n')) piece = piece.slice(1)
    this.endedInReturn = piece.endsWith('\r')
    const text = this.rest + piece
    let start = 0
    // The rest has no line end in it: it need not be searched again.
    LINE_END.lastIndex = this.rest.length
    for (let found = LINE_END.exec(text); found !== null; found = LINE_END.exec(text)) {
      const frame = this.line(text.slice(start, found.index))
      if (frame !== undefined) frames.push(frame)
      start = LINE_END.lastIndex
    }
    this.rest = text.slice(start)
    return frames
  }

  private line(line: string): SseFrame | undefined {
    if (line === '') return this.dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.data.push(value)
    else if (field === 'event') this.event = value
    else if (field === 'id' && !value.includes('\0')) this.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
    return undefined
  }

  private dispatch(): SseFrame | undefined {
    const { data, event, id } = this
    this.data = []
    this.event = ''
    this.id = undefined
    return data.length === 0 ? undefined : { id, event: event === '' ? 'message' : event, data: data.join('\n') }
  }
}
