import type { Reading, Request, StreamOptions } from './wire.ts'

const DATA = 'event: data\ndata:'
const OFFSET = '"streamNextOffset":"'

/** The producer says where the stream is; it is read from there over SSE, after a cut from the last offset. */
export class DurableStreamsReading implements Reading {
  readonly problems: string[] = []
  private offset = '-1'
  private readonly stream: StreamOptions
  private location = ''
  /** Counts once its offset is here, as for their own client. */
  private pending = ''

  constructor(stream: StreamOptions) {
    this.stream = stream
  }

  begin(): Request {
    const { name, tokens, tokensPerSecond } = this.stream
    return { method: 'POST', path: `/streams/${name}?tokens=${tokens}&tps=${tokensPerSecond}`, isPointer: true }
  }

  resume(): Request {
    this.pending = ''
    const { origin, pathname } = new URL(this.location)
    return { method: 'GET', url: origin, path: `${pathname}?offset=${this.offset}&live=sse` }
  }

  opened(head: string): void {
    this.location = /^location: (.+)$/im.exec(head)?.[1]?.trim() ?? this.location
  }

  take(frame: string): string {
    if (frame.startsWith(DATA)) {
      this.pending += frame.slice(DATA.length)
      return ''
    }
    const at = frame.indexOf(OFFSET)
    if (at < 0) return ''
    this.offset = frame.slice(at + OFFSET.length, frame.indexOf('"', at + OFFSET.length))
    const text = this.pending
    this.pending = ''
    return text
  }
}
