import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The world outside: counts what was done to it, by call. */
export class Effects {
  private readonly counts = new Map<string, number>()
  private readonly server = createServer((request, response) => {
    const call = request.url!.slice(1)
    this.counts.set(call, this.of(call) + 1)
    response.end()
  })

  static async start(): Promise<Effects> {
    const effects = new Effects()
    effects.server.listen(0, '127.0.0.1')
    await once(effects.server, 'listening')
    return effects
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  of(call: string): number {
    return this.counts.get(call) ?? 0
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
