import { setTimeout as sleep } from 'node:timers/promises'

/** For so long a gateway may say that it cannot be answered now: nothing goes on any more. */
const PATIENCE_MS = 20_000

/** Reads over HTTP, of one gateway after the other. */
export class Asking {
  private readonly system: { readonly urls: readonly string[]; readonly key: string }
  private turn = 0

  constructor(system: { readonly urls: readonly string[]; readonly key: string }) {
    this.system = system
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.text(path)) as Record<string, unknown>
  }

  async text(path: string): Promise<string> {
    const { urls, key } = this.system
    const giveUpAt = performance.now() + PATIENCE_MS
    for (;;) {
      const url = urls[this.turn++ % urls.length]!
      const headers = { authorization: `Bearer ${key}`, accept: 'application/json' }
      const said = await fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) }).then(
        async (response) => ({ status: response.status, text: await response.text() }),
        (error: unknown) => ({ status: 0, text: String(error) }),
      )
      if (said.status === 200) return said.text
      const isForLater = said.status === 0 || said.status === 503 || said.status === 429
      if (!isForLater || performance.now() > giveUpAt) {
        throw new Error(`GET ${path} was answered ${said.status} ${said.text}`)
      }
      await sleep(100)
    }
  }
}
