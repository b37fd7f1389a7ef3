import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type ReportedTokens, formatOf, keptTextOf } from './fault-server-formats.ts'

export interface Closing {
  readonly by: 'caller' | 'provider'
  readonly atMs: number
}

/** The caller has closed the connection in the middle of the answer. */
export class HungUp extends Error {}

/** One request to a provider, and the answer to it, byte by byte. */
export class FaultCall {
  readonly atMs = performance.now()
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Null for a fresh answer. */
  readonly keptText: string | null
  readonly closed: Promise<Closing>
  closing: Closing | null = null
  /** What has left this process. */
  bytesSent = 0
  private readonly format
  private isEnded = false

  constructor(
    request: IncomingMessage,
    readonly body: Record<string, unknown>,
    private readonly response: ServerResponse,
  ) {
    this.path = request.url ?? ''
    this.headers = request.headers
    this.keptText = keptTextOf(body)
    this.format = formatOf(this.path)
    this.closed = new Promise((resolve) => {
      response.once('close', () => {
        this.closing = { by: this.isEnded ? 'provider' : 'caller', atMs: performance.now() }
        resolve(this.closing)
      })
    })
  }

  refuse(status: number, headers: Record<string, string>, body: string): void {
    this.isEnded = true
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }

  /** The head of an answer, without a token. */
  begin(status = 200, contentType = 'text/event-stream'): Promise<void> {
    this.response.writeHead(status, { 'content-type': contentType })
    return status === 200 ? this.send(this.format.opening()) : Promise.resolve()
  }

  say(text: string): Promise<void> {
    return this.send(this.format.text(text))
  }

  callTool(index: number, name: string, input: string): Promise<void> {
    return this.send(this.format.toolCall(index, name, input))
  }

  report(errorType: string): Promise<void> {
    return this.send(this.format.error(errorType))
  }

  /** What a whole answer ends with. */
  async finish(usage: ReportedTokens, reason?: 'filtered'): Promise<void> {
    await this.send(this.format.ending(usage, reason))
    this.hangUp()
  }

  frame(text: string): Buffer {
    return Buffer.from(this.format.text(text))
  }

  /** Resolves when the system has taken the bytes: it takes none from a writer whose reader does not read. */
  async send(bytes: string | Buffer): Promise<void> {
    const { promise: sent, resolve, reject } = Promise.withResolvers<void>()
    // A write that waits for a reader who has left is never called back.
    this.response.once('close', resolve)
    this.response.write(bytes, (error) => {
      this.response.off('close', resolve)
      if (error) reject(new HungUp())
      else resolve()
    })
    await sent
    if (this.closing !== null) throw new HungUp()
    this.bytesSent += Buffer.byteLength(bytes)
  }

  /** Ends the answer as HTTP wants it, whether it was whole or not. */
  hangUp(): void {
    this.isEnded = true
    this.response.end()
  }

  reset(): void {
    this.isEnded = true
    this.response.socket?.resetAndDestroy()
  }
}
