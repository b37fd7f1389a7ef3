/** The body of an HTTP/1.1 answer that comes in chunks, of which any part may be here. One character is one byte. */
export class ChunkedBody {
  private rest = ''
  /** Of the chunk that is being read. */
  private missing = 0
  private betweenChunks = true
  ended = false

  /** What there is of the body in the next part. */
  take(part: string): string {
    let text = this.rest + part
    this.rest = ''
    let body = ''
    while (text !== '' && !this.ended) {
      if (this.betweenChunks) {
        const end = text.indexOf('\r\n')
        if (end < 0) {
          this.rest = text
          return body
        }
        const size = Number.parseInt(text.slice(0, end), 16)
        if (Number.isNaN(size)) throw new Error(`no size of a chunk: ${text.slice(0, 40)}`)
        this.ended = size === 0
        this.missing = size
        this.betweenChunks = false
        text = text.slice(end + 2)
      } else if (this.missing > 0) {
        body += text.slice(0, this.missing)
        const taken = Math.min(text.length, this.missing)
        this.missing -= taken
        text = text.slice(taken)
      } else {
        if (text.length < 2) {
          this.rest = text
          return body
        }
        this.betweenChunks = true
        text = text.slice(2)
      }
    }
    return body
  }
}
