import { setTimeout as sleep } from 'node:timers/promises'

export interface Answered {
  status: number
  /** What is no JSON is there as `text`. */
  body: Record<string, unknown>
}

const PATIENCE_MS = 5_000

/** Asks one gateway after the other until there is an answer that is one. */
export class StubbornClient {
  private readonly urls: readonly string[]
  private readonly key: string
  private readonly onFault: (what: string) => void
  private turn = 0

  /** Told of answers that nobody should get, also where the next one is better. */
  constructor({ urls, key }: { urls: readonly string[]; key: string }, onFault: (what: string) => void) {
    this.urls = urls
    this.key = key
    this.onFault = onFault
  }

  get(path: string): Promise<Answered> {
    return this.ask(path, { headers: { accept: 'application/json' } })
  }

  /** `key` makes one request of many. */
  post(path: string, body: object, key: string): Promise<Answered> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return this.ask(path, { method: 'POST', body: JSON.stringify(body), headers })
  }

  private async ask(path: string, init: RequestInit): Promise<Answered> {
    for (;;) {
      const answered = await this.askOnce(path, init).catch(() => null)
      // 429 and 503 say: not now.
      if (answered !== null && answered.status >= 500 && answered.status !== 503) {
        this.onFault(`${path} was answered ${answered.status} ${JSON.stringify(answered.body)}`)
      }
      if (answered !== null && answered.status < 500 && answered.status !== 429) return answered
      await sleep(100)
    }
  }

  private async askOnce(path: string, init: RequestInit): Promise<Answered> {
    const url = this.urls[this.turn++ % this.urls.length]!
    const signal = AbortSignal.timeout(PATIENCE_MS * 2)
    const headers = { authorization: `Bearer ${this.key}`, ...(init.headers as Record<string, string>) }
    const response = await fetch(`${url}${path}`, { ...init, signal, headers })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: isJson ? this.read(path, text) : { text } }
  }

  private read(path: string, text: string): Answered['body'] {
    try {
      return JSON.parse(text) as Answered['body']
    } catch (error) {
      this.onFault(`${path} was answered with what is no JSON: ${text}`)
      throw error
    }
  }
}
