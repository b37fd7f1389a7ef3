import { type KvWatchEntry, Kvm } from '@nats-io/kv'
import type { Bus } from '../connecting/bus.ts'
import { hashKey } from '../provisioning/provision.ts'

/** What the holder of a key may do, and for whom. */
export interface KeyGrant {
  readonly tenant: string
  readonly name: string
}

/**
 * Every API key of the deployment, by its hash, kept up to date: a key that is granted or taken back counts at once,
 * and admitting a request asks nobody.
 */
export class KeyWatch {
  private readonly grants = new Map<string, KeyGrant>()
  private complete = false

  private constructor(private readonly stopWatching: () => void) {}

  static async open(bus: Bus): Promise<KeyWatch> {
    const bucket = await new Kvm(bus.js).open('KEYS')
    const { values } = await bucket.status()
    const entries = await bucket.watch()
    const watch = new KeyWatch(() => entries.stop())
    watch.complete = values === 0
    void watch.follow(entries)
    return watch
  }

  /** Whether all keys that were there at the start are known. */
  get loaded(): boolean {
    return this.complete
  }

  grantOf(key: string): KeyGrant | undefined {
    return this.grants.get(hashKey(key))
  }

  close(): void {
    this.stopWatching()
  }

  private async follow(entries: AsyncIterable<KvWatchEntry>): Promise<void> {
    for await (const entry of entries) {
      const grant = entry.operation === 'PUT' ? readGrant(entry) : undefined
      if (grant === undefined) this.grants.delete(entry.key)
      else this.grants.set(entry.key, grant)
      if (entry.isUpdate || entry.delta === 0) this.complete = true
    }
  }
}

/** An entry that cannot be read admits nobody. */
function readGrant(entry: KvWatchEntry): KeyGrant | undefined {
  try {
    const { tenant, name } = entry.json<Partial<KeyGrant>>()
    return typeof tenant === 'string' ? { tenant, name: String(name ?? '') } : undefined
  } catch {
    return undefined
  }
}
