import { type ApiError, JetStreamApiError, type PubAck } from '@nats-io/jetstream'
import { createInbox, errors, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core'
import { BusUnavailable } from '../errors.ts'
import { InFlight } from './in-flight.ts'

interface Waiting {
  readonly subject: string
  readonly data: Uint8Array
  readonly headers: MsgHdrs
  readonly resolve: (ack: PubAck) => void
  readonly reject: (error: unknown) => void
  readonly lateAtMs: number
}

/**
 * Publishes into JetStream and waits for the ack, for the path of a token. The client's own request makes a timer, a
 * race of promises and an error with its stack for each message; here one subscription and one timer serve all.
 */
export class Acks {
  /** In the order in which they were sent, which is the order in which they are late. */
  private readonly waiting = new InFlight<Waiting>()
  /** What an ack comes back to is this and a number. */
  private readonly inbox = `${createInbox()}.`
  private leaving: Waiting[] = []

  constructor(
    private readonly nc: NatsConnection,
    private readonly timeoutMs: number,
  ) {
    nc.subscribe(`${this.inbox}*`, {
      callback: (error, message) => {
        if (!error) this.onAck(message)
      },
    })
    const sweep = setInterval(() => this.giveUpLate(), timeoutMs / 4)
    sweep.unref()
    void nc.closed().then(() => {
      clearInterval(sweep)
      this.giveUpAll(new errors.ClosedConnectionError())
    })
  }

  publish(subject: string, data: Uint8Array, headers: MsgHdrs): Promise<PubAck> {
    return new Promise<PubAck>((resolve, reject) => {
      if (this.leaving.length === 0) setImmediate(this.leave)
      this.leaving.push({ subject, data, headers, resolve, reject, lateAtMs: performance.now() + this.timeoutMs })
    })
  }

  /** What one turn of the event loop has brought goes out in one write. */
  private readonly leave = (): void => {
    const { leaving } = this
    this.leaving = []
    for (const waiting of leaving) {
      const number = this.waiting.put(waiting)
      try {
        // Throws for what is larger than the server takes, and on a connection that is closed.
        this.nc.publish(waiting.subject, waiting.data, { reply: `${this.inbox}${number}`, headers: waiting.headers })
      } catch (error) {
        this.waiting.take(number)
        waiting.reject(error)
      }
    }
  }

  /** The connection broke: what became of those under way is not known, and no ack will come. */
  giveUpAll(error: unknown): void {
    for (const { reject } of this.leaving.splice(0)) reject(error)
    for (const [number, { reject }] of this.waiting) {
      this.waiting.take(number)
      reject(error)
    }
  }

  /** The server does not let this user publish to the subject. It says so on the connection, not to the publisher. */
  refuse(subject: string, error: unknown): void {
    for (const [number, waiting] of this.waiting) {
      if (waiting.subject !== subject) continue
      this.waiting.take(number)
      waiting.reject(error)
    }
  }

  private onAck(message: Msg): void {
    const waiting = this.waiting.take(Number(message.subject.slice(this.inbox.length)))
    if (waiting === undefined) return
    // No stream listens: "no responders" comes as an empty message.
    if (message.data.length === 0) return waiting.reject(new BusUnavailable())
    const answer = message.json<PubAck & { error?: ApiError }>()
    if (answer.error === undefined) waiting.resolve(answer)
    else waiting.reject(new JetStreamApiError(answer.error))
  }

  private giveUpLate(): void {
    const now = performance.now()
    for (const [number, { reject, lateAtMs }] of this.waiting) {
      if (lateAtMs > now) return
      this.waiting.take(number)
      reject(new errors.TimeoutError())
    }
  }
}
