import type { Reading, Request, StreamOptions } from './wire.ts'

const ID = 'id: 1-'
const PREV = '"prev":'
const DELTA = 'event: text.delta\n'
const TEXT = '"text":"'

/** A run of `demo/clock`, read from the answer that started it. Each event has to follow from the one before. */
export class SpoolReading implements Reading {
  readonly problems: string[] = []
  private last = 0
  private run = ''
  private readonly stream: StreamOptions

  constructor(stream: StreamOptions) {
    this.stream = stream
  }

  begin(): Request {
    const { name, tokens, tokensPerSecond, key } = this.stream
    return {
      method: 'POST',
      path: `/v1/sessions/${name}/runs`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'go', model: `demo/clock?tokens=${tokens}&tps=${tokensPerSecond}` }),
    }
  }

  resume(): Request {
    const { name, key } = this.stream
    return {
      method: 'GET',
      path: `/v1/sessions/${name}/runs/${this.run}/events`,
      headers: { authorization: `Bearer ${key}`, 'last-event-id': `1-${this.last}` },
    }
  }

  opened(head: string): void {
    this.run = /^x-spool-run: (.+)$/im.exec(head)?.[1]?.trim() ?? this.run
  }

  take(frame: string): string {
    const id = frame.indexOf(ID)
    if (id < 0) return ''
    const seq = Number.parseInt(frame.slice(id + ID.length, id + ID.length + 12), 10)
    const prev = Number.parseInt(frame.slice(frame.lastIndexOf(PREV) + PREV.length), 10)
    if (prev !== this.last) this.problems.push(`event ${seq} follows ${prev}, the one before was ${this.last}`)
    this.last = seq
    if (!frame.includes(DELTA)) return ''
    const text = frame.indexOf(TEXT) + TEXT.length
    return frame.slice(text, frame.indexOf('"', text))
  }
}
