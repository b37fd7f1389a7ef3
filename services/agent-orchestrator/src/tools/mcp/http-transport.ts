import {
  type JSONRPCMessage,
  StreamableHTTPClientTransport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client'
import { answerLost } from './frames.ts'
import { type LimitedFetch, limitedFetch } from './limited-fetch.ts'

/** What the SDK does to resume an answer whose connection broke. */
const reconnectionOptions = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 5000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 3,
}

/** How often in a row the stream of notifications may fail to come back before its server counts as gone. */
const maxStreamFailures = 2

/** The SDK's, which by itself neither tells that an answer is not coming any more nor that a server has gone. */
export class HttpTransport extends StreamableHTTPClientTransport {
  readonly #fetch: LimitedFetch
  #hadStream = false
  #streamFailures = 0
  /** Called when the server does not know us any more, or is not there. */
  onlost?: (reason: string) => void

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    const limited = limitedFetch()
    super(new URL(url), {
      requestInit: { headers },
      reconnectionOptions,
      fetch: async (input, init) => {
        if (init?.method !== 'GET') return limited.fetch(input, init)
        return this.#watchStream(() => limited.fetch(input, init))
      },
    })
    this.#fetch = limited
  }

  override async send(message: JSONRPCMessage | JSONRPCMessage[], options: TransportSendOptions = {}): Promise<void> {
    const id = 'id' in message && 'method' in message ? message.id : undefined
    const lost = { jsonrpc: '2.0', id: id!, error: { code: answerLost, message: 'The answer broke off.' } } as const
    await super.send(message, {
      ...options,
      onRequestStreamEnd: () => {
        options.onRequestStreamEnd?.()
        // Where the answer is already there, nobody waits for this one.
        if (id !== undefined) this.onmessage?.(lost)
      },
    })
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#fetch.close()
  }

  async #watchStream(open: () => Promise<Response>): Promise<Response> {
    let response: Response
    try {
      response = await open()
    } catch (error) {
      this.#streamFailures++
      if (this.#hadStream && this.#streamFailures >= maxStreamFailures) this.onlost?.('It cannot be reached.')
      throw error
    }
    if (response.ok) {
      this.#hadStream = true
      this.#streamFailures = 0
    } else if (this.#hadStream && [400, 404].includes(response.status)) {
      this.onlost?.('It does not know the session any more.')
    }
    return response
  }
}
