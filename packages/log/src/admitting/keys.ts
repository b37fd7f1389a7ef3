import { createHash, randomBytes } from 'node:crypto'
import { DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { Bus } from '../connecting/bus.ts'
import { DeploymentMismatch } from '../errors.ts'
import { isScope, type Scope } from './scopes.ts'

/** What the holder of a key may do, and for whom. */
export interface KeyGrant {
  readonly tenant: string
  readonly name: string
  /** ISO time. From then on the key counts no more. */
  readonly expires?: string
  /** What it may be used for; absent: everything. */
  readonly scopes?: readonly Scope[]
}

/** A key as it is stored: by its hash, and never itself. */
export interface StoredKey extends KeyGrant {
  readonly hash: string
  /** ISO time; empty where it is not known. */
  readonly created: string
}

export const KEYS_STREAM = 'KV_KEYS'
export const KEYS_PREFIX = '$KV.KEYS.'

const STREAM_NOT_FOUND = 10059

/** Keys are long and random, so a plain hash cannot be turned back into one. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** A new key. It is shown once: only its hash is stored. */
export async function createKey(bus: Bus, grant: KeyGrant): Promise<{ key: string; stored: StoredKey }> {
  const key = `spool_${randomBytes(24).toString('base64url')}`
  return { key, stored: await grantKey(bus, key, grant.tenant, grant.name, grant) }
}

/** Lets whoever holds `key` act for `tenant`. Only the key's hash is stored. */
export async function grantKey(
  bus: Bus,
  key: string,
  tenant: string,
  name: string,
  { expires, scopes }: Pick<KeyGrant, 'expires' | 'scopes'> = {},
): Promise<StoredKey> {
  const keys = await new Kvm(bus.js).open('KEYS')
  const hash = hashKey(key)
  const grant = {
    tenant,
    name,
    created: new Date().toISOString(),
    ...(expires !== undefined && { expires }),
    ...(scopes !== undefined && { scopes }),
  }
  await keys.put(hash, JSON.stringify(grant))
  return { hash, ...grant }
}

/** The same, where it is not so already: what is there keeps its age. */
export async function ensureKey(bus: Bus, key: string, tenant: string, name: string): Promise<void> {
  const keys = await new Kvm(bus.js).open('KEYS')
  const entry = await keys.get(hashKey(key))
  const there = entry?.operation === 'PUT' ? entry.json<Partial<StoredKey>>() : undefined
  const isUnlimited = there?.expires === undefined && there?.scopes === undefined
  if (there?.tenant === tenant && there.name === name && isUnlimited) return
  await grantKey(bus, key, tenant, name)
}

/** From then on it admits nobody, at every gateway. */
export async function revokeKey(bus: Bus, hash: string): Promise<void> {
  const keys = await new Kvm(bus.js).open('KEYS')
  await keys.purge(hash)
}

/** Every key that was granted and not taken back, in the order in which they were granted. */
export async function listKeys(bus: Bus): Promise<StoredKey[]> {
  const keys: StoredKey[] = []
  const consumer = await bus.js.consumers
    .get(KEYS_STREAM, { filter_subjects: `${KEYS_PREFIX}>`, deliver_policy: DeliverPolicy.LastPerSubject })
    .catch((error: unknown) => {
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NOT_FOUND) throw error
      throw new DeploymentMismatch('There are no keys, and no streams either. Run the provisioner first.')
    })
  try {
    for (let left = (await consumer.info(true)).num_pending; left > 0;) {
      for await (const message of await consumer.fetch({ max_messages: Math.min(left, 500), expires: 2000 })) {
        const key = readKey(message)
        if (key !== undefined) keys.push(key)
        left = message.info.pending
      }
    }
  } finally {
    await consumer.delete().catch(() => false)
  }
  return keys
}

/** One that was taken back has no body; one that cannot be read admits nobody. */
export function readKey(message: JsMsg): StoredKey | undefined {
  if (message.headers?.has('KV-Operation')) return undefined
  try {
    const { tenant, name, created, expires, scopes } = message.json<Partial<StoredKey>>()
    if (typeof tenant !== 'string') return undefined
    return {
      hash: message.subject.slice(KEYS_PREFIX.length),
      tenant,
      name: String(name ?? ''),
      created: String(created ?? ''),
      ...(expires !== undefined && { expires: String(expires) }),
      // Of what cannot be read nothing is granted: only who names no scopes has them all.
      ...(scopes !== undefined && { scopes: Array.isArray(scopes) ? scopes.filter(isScope) : [] }),
    }
  } catch {
    return undefined
  }
}
