import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A request as it arrives from a webhook tool. */
export interface Arrival {
  tool: string
  call: string
  session: string
  attempt: number
  input: { ms?: number; kib?: number }
}

/** What tools reach for, behind a webhook: it counts what was done to it, and takes the time, and gives back as much, as it is asked to. */
export class OutsideWorld {
  private readonly counts = new Map<string, number>()
  private readonly listeners = new Set<(arrival: Arrival) => (() => void) | undefined>()
  private readonly server = createServer((request, response) => {
    void this.take(request, response).catch(() => response.destroy())
  })

  static async start(): Promise<OutsideWorld> {
    const world = new OutsideWorld()
    world.server.listen(0, '127.0.0.1')
    await once(world.server, 'listening')
    return world
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** How often a call arrived: each time is an effect, whether or not anybody hears of it. */
  effectsOf(call: string): number {
    return this.counts.get(call) ?? 0
  }

  /** Every call that arrived. */
  touchedBy(): Iterable<string> {
    return this.counts.keys()
  }

  /** Told of each request while whoever sent it waits for its answer, and by what it gives back, when that is over. */
  onArrival(listener: (arrival: Arrival) => (() => void) | undefined): void {
    this.listeners.add(listener)
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const arrival = JSON.parse(body) as Arrival
    const key = String(request.headers['idempotency-key'])
    this.counts.set(key, this.effectsOf(key) + 1)
    const whenOver = [...this.listeners].map((listener) => listener(arrival))
    const { ms = 0, kib = 0 } = arrival.input
    await sleep(ms)
    for (const over of whenOver) over?.()
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ done: arrival.tool, ...(kib > 0 && { all: 'It rained, 7 mm. '.repeat(kib * 60) }) }))
  }
}
