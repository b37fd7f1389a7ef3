import type { Reading, Request, StreamOptions } from './wire.ts'

const DATA = 'data: '

/** The POST's own answer, and after a cut a GET from the character at which it broke off. */
export class ResumableStreamReading implements Reading {
  readonly problems: string[] = []
  private characters = 0
  private readonly stream: StreamOptions

  constructor(stream: StreamOptions) {
    this.stream = stream
  }

  begin(): Request {
    const { name, tokens, tokensPerSecond } = this.stream
    return { method: 'POST', path: `/streams/${name}?tokens=${tokens}&tps=${tokensPerSecond}` }
  }

  resume(): Request {
    return { method: 'GET', path: `/streams/${this.stream.name}?resumeAt=${this.characters}` }
  }

  opened(): void {}

  take(frame: string): string {
    this.characters += frame.length + 2
    return frame.slice(DATA.length)
  }
}
