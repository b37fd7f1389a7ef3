import { setTimeout as sleep } from 'node:timers/promises'

export interface Answered {
  status: number
  body: Record<string, unknown>
}

const PATIENCE_MS = 5_000

/** Asks one gateway after the other until there is an answer that is one. */
export class StubbornClient {
  private readonly urls: readonly string[]
  private readonly key: string
  private turn = 0

  constructor({ urls, key }: { urls: readonly string[]; key: string }) {
    this.urls = urls
    this.key = key
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
      if (answered !== null && answered.status < 500 && answered.status !== 429) return answered
      await sleep(100)
    }
  }

  private async askOnce(path: string, init: RequestInit): Promise<Answered> {
    const url = this.urls[this.turn++ % this.urls.length]!
    const signal = AbortSignal.timeout(PATIENCE_MS * 2)
    const headers = { authorization: `Bearer ${this.key}`, ...(init.headers as Record<string, string>) }
    const response = await fetch(`${url}${path}`, { ...init, signal, headers })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
}
