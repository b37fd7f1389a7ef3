import { crc32 } from 'node:zlib'

/** Where a session lives. Tenant and session are checked ids, so they are safe as subject tokens. */
export interface SessionRef {
  readonly tenant: string
  readonly session: string
}

const ID = /^[A-Za-z0-9_-]{1,128}$/

/** Whether a text may be the id of a tenant, a session or an idempotency key. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text)
}

export function sameSession(a: SessionRef, b: SessionRef): boolean {
  return a.session === b.session && a.tenant === b.tenant
}

export function shardOf(ref: SessionRef, shards: number): number {
  return shards === 1 ? 0 : crc32(`${ref.tenant}/${ref.session}`) % shards
}
