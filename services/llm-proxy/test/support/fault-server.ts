import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { FaultCall, HungUp } from './fault-server-call.ts'

/** What a provider does with one request. */
export type Act = (call: FaultCall) => unknown

/** A model provider that does what a test tells it to, and remembers what was done to it. */
export class FaultServer {
  readonly calls: FaultCall[] = []
  /** The most requests that were open at the same time. */
  mostAtOnce = 0
  private acts: Act[] = [nothingSaid]
  private isResetting = false
  private readonly server: Server = createServer((request, response) => void this.take(request, response))

  constructor() {
    this.server.on('connection', (socket) => {
      if (this.isResetting) socket.resetAndDestroy()
    })
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`
  }

  /** What becomes of the next requests, one after the other; the last act is for all that come after it, too. */
  answers(...acts: Act[]): void {
    this.acts = acts
  }

  /** While on, a connection is reset as soon as it is there. */
  resets(on: boolean): void {
    this.isResetting = on
    if (on) this.server.closeAllConnections()
  }

  get atOnce(): number {
    return this.calls.filter((call) => call.closing === null).length
  }

  /** The texts that calls were to go on from; null for a fresh answer. */
  get keptTexts(): (string | null)[] {
    return this.calls.map((call) => call.keptText)
  }

  /** What passed between one call and the next. */
  get pausesMs(): number[] {
    return this.calls.slice(1).map((call, before) => call.atMs - this.calls[before]!.atMs)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as Record<string, unknown>
    const call = new FaultCall(request, body, response)
    this.calls.push(call)
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    const act = this.acts.length > 1 ? this.acts.shift()! : this.acts[0]!
    try {
      await act(call)
    } catch (error) {
      // Whoever hangs up in the middle is often what a test is about.
      if (!(error instanceof HungUp)) throw error
    }
  }
}

function nothingSaid(): never {
  throw new Error('A provider was called that should not have been, or whose test did not say what it does.')
}
