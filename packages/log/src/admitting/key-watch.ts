import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { hashKey } from '../provisioning/provision.ts'
import { retryDelay } from '../waiting.ts'

/** What the holder of a key may do, and for whom. */
export interface KeyGrant {
  readonly tenant: string
  readonly name: string
}

const STREAM = 'KV_KEYS'
const SUBJECT_PREFIX = '$KV.KEYS.'

/**
 * Every API key of the deployment, by its hash, kept up to date: a key that is granted or taken back counts at once,
 * and admitting a request asks nobody.
 *
 * Not the client's own `watch`: it misses what happens while the connection is away, and fails where nobody can catch
 * it. Here the bucket is read anew after every outage; meanwhile what was known before counts.
 */
export class KeyWatch {
  private grants: Map<string, KeyGrant> | null = null
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
    return this.grants?.get(hashKey(key))
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
    const consumer = await this.bus.js.consumers.get(STREAM, {
      filter_subjects: `${SUBJECT_PREFIX}>`,
      deliver_policy: DeliverPolicy.LastPerSubject,
    })
    const grants = new Map<string, KeyGrant>()
    if ((await consumer.info(true)).num_pending === 0) this.grants = grants
    const messages = await consumer.consume({ idle_heartbeat: 5000 })
    const stop = () => messages.stop()
    const stopListening = this.bus.onReconnect(stop)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      for await (const message of messages) {
        const hash = message.subject.slice(SUBJECT_PREFIX.length)
        const grant = readGrant(message)
        if (grant === undefined) grants.delete(hash)
        else grants.set(hash, grant)
        if (message.info.pending === 0) this.grants = grants
      }
    } finally {
      stopListening()
      signal.removeEventListener('abort', stop)
      stop()
    }
  }
}

/** One that was taken back has no body; one that cannot be read admits nobody. */
function readGrant(message: JsMsg): KeyGrant | undefined {
  if (message.headers?.has('KV-Operation')) return undefined
  try {
    const { tenant, name } = message.json<Partial<KeyGrant>>()
    return typeof tenant === 'string' ? { tenant, name: String(name ?? '') } : undefined
  } catch {
    return undefined
  }
}
