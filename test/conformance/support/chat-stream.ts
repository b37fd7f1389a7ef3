import type { Target } from './target.ts'

export interface ChatFrame {
  readonly id?: string
  readonly event?: string
  /** As it came. */
  readonly data: string
  /** Parsed, where it is JSON. */
  readonly json: Record<string, unknown>
}

export interface Asking {
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** `null`: none. */
  readonly key?: string | null
}

/** A stream of a dialect, read with nothing but fetch. */
export class ChatStream {
  readonly frames: ChatFrame[] = []
  /** Comments, which keep it alive. */
  comments = 0
  /** All of it. */
  raw = ''
  /** Resolves when it is over; `true`: the server has ended it. */
  readonly over: Promise<boolean>
  private readonly waiting = new Set<() => void>()

  readonly response: Response
  private readonly abort: AbortController

  // Spelt out: a bench runs it without a build.
  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.abort = abort
    this.over = this.read().finally(() => this.look())
  }

  static async open(target: Pick<Target, 'url' | 'key'>, path: string, asking: Asking = {}): Promise<ChatStream> {
    const abort = new AbortController()
    return new ChatStream(await ask(target, path, { ...asking, signal: abort.signal }), abort)
  }

  get session(): string {
    return this.response.headers.get('x-spool-session') ?? ''
  }

  get jsons(): Record<string, unknown>[] {
    return this.frames.map(({ json }) => json)
  }

  get datas(): string[] {
    return this.frames.map(({ data }) => data)
  }

  /** Throws where the stream ends before. */
  async until(condition: (stream: this) => boolean): Promise<this> {
    let ended = false
    void this.over.then(() => (ended = true))
    while (!condition(this)) {
      if (ended) throw new Error(`The stream was over before: ${this.raw.slice(-1000)}`)
      const looked = Promise.withResolvers<void>()
      this.waiting.add(looked.resolve)
      await looked.promise
      this.waiting.delete(looked.resolve)
    }
    return this
  }

  async ended(): Promise<this> {
    if (!(await this.over)) throw new Error(`The stream broke off: ${this.raw.slice(-1000)}`)
    return this
  }

  cut(): void {
    this.abort.abort()
  }

  private async read(): Promise<boolean> {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    let rest = ''
    try {
      for await (const chunk of this.response.body!) {
        const text = decoder.decode(chunk, { stream: true })
        this.raw += text
        rest += text
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          this.take(rest.slice(0, end))
          rest = rest.slice(end + 2)
        }
        this.look()
      }
      return true
    } catch {
      return false
    }
  }

  private take(block: string): void {
    const fields = new Map<string, string>()
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments++
      const colon = line.indexOf(': ')
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2))
    }
    const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')]
    if (data === undefined) return
    const json = data.startsWith('{') ? (JSON.parse(data) as Record<string, unknown>) : {}
    this.frames.push({ ...(id !== undefined && { id }), ...(event !== undefined && { event }), data, json })
  }

  private look(): void {
    for (const look of this.waiting) look()
  }
}

export function ask(
  target: Pick<Target, 'url' | 'key'>,
  path: string,
  asking: Asking & { signal?: AbortSignal } = {},
): Promise<Response> {
  const { body, key = target.key, headers = {}, signal } = asking
  return fetch(`${target.url}${path}`, {
    method: asking.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  })
}

export async function askJson(target: Pick<Target, 'url' | 'key'>, path: string, asking: Asking = {}) {
  const response = await ask(target, path, asking)
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Record<string, unknown>,
  }
}
