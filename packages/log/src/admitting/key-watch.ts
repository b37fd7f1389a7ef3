import { DeliverPolicy } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { retryDelay } from '../waiting.ts'
import { hashKey, type KeyGrant, KEYS_PREFIX, KEYS_STREAM, readKey } from './keys.ts'
import { secretIn, TICKET_SECRET } from './ticket-secret.ts'

/**
 * Every API key of the deployment, by its hash, kept up to date: a key that is granted or taken back counts at once,
 * and admitting a request asks nobody.
 *
 * Not the client's own `watch`: it misses what happens while the connection is away, and fails where nobody can catch
 * it. Here the bucket is read anew after every outage; meanwhile what was known before counts.
 */
export class KeyWatch {
  /** What tickets are signed with; undefined until somebody has made one. */
  ticketSecret: Buffer | undefined
  private grants: Map<string, KeyGrant> | null = null
  private readonly listeners = new Set<() => void>()
  private readonly closing = new AbortController()

  private constructor(private readonly bus: Bus) {}

  static open(bus: Bus): KeyWatch {
    const watch = new KeyWatch(bus)
    void watch.run()
    return watch
  }

  /** Whether all keys that were there at the start are known. */
  get loaded(): boolean {
    return this.grants !== null
  }

  grantOf(key: string): KeyGrant | undefined {
    return this.grantOfHash(hashKey(key))
  }

  /** What the key of that hash grants now. */
  grantOfHash(hash: string): KeyGrant | undefined {
    const grant = this.grants?.get(hash)
    if (grant?.expires === undefined) return grant
    // A time that cannot be read is over.
    return Date.now() < Date.parse(grant.expires) ? grant : undefined
  }

  /** Told whenever a key may count no more because it was taken back. One that expires says nothing. */
  onRevoked(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.closing.abort()
  }

  private async run(): Promise<void> {
    const { signal } = this.closing
    for (let attempt = 0; !signal.aborted && !this.bus.nc.isClosed(); attempt++) {
      try {
        await this.follow(signal)
        attempt = 0
      } catch {
        await retryDelay(attempt, signal).catch(() => undefined)
      }
    }
  }

  /** Ends when the connection was lost and is back. */
  private async follow(signal: AbortSignal): Promise<void> {
    const consumer = await this.bus.js.consumers.get(KEYS_STREAM, {
      filter_subjects: `${KEYS_PREFIX}>`,
      deliver_policy: DeliverPolicy.LastPerSubject,
    })
    const grants = new Map<string, KeyGrant>()
    if ((await consumer.info(true)).num_pending === 0) this.take(grants)
    const messages = await consumer.consume({ idle_heartbeat: 5000 })
    const stop = () => messages.stop()
    const stopListening = this.bus.onReconnect(stop)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      for await (const message of messages) {
        const key = readKey(message)
        if (message.subject === KEYS_PREFIX + TICKET_SECRET) this.ticketSecret = secretIn(message.string())
        else if (key === undefined) {
          if (grants.delete(message.subject.slice(KEYS_PREFIX.length)) && this.grants === grants) this.tell()
        } else grants.set(key.hash, key)
        if (message.info.pending === 0) this.take(grants)
      }
    } finally {
      stopListening()
      signal.removeEventListener('abort', stop)
      stop()
    }
  }

  /** What was read anew counts from here on; a key that is not in it was taken back while nobody could hear of it. */
  private take(grants: Map<string, KeyGrant>): void {
    if (this.grants === grants) return
    this.grants = grants
    this.tell()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}
