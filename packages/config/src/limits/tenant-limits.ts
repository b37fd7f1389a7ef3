import type { WrittenLimits, WrittenTenantLimits } from './limits-schema.ts'

/** What one tenant may ask. */
export interface TenantLimits {
  readonly requestsPerSecond: number
  readonly requestBurst: number
  readonly streams: number
  readonly runs: number
  readonly bodyBytes: number
  readonly messageBytes: number
  /** 0: none. */
  readonly streamMs: number
}

/** Against what runs away, not against what is much: thousands of clients that come back at once are let in. */
export const limitDefaults: Required<WrittenLimits> = {
  requests_per_second: 2000,
  request_burst: 10_000,
  streams: 50_000,
  runs: 10_000,
  body_bytes: 1024 * 1024,
  message_bytes: 128 * 1024,
  stream_seconds: 0,
}

/** For all of the world together. */
export const openLimitDefaults: Required<WrittenLimits> = {
  requests_per_second: 50,
  request_burst: 200,
  streams: 500,
  runs: 50,
  body_bytes: 64 * 1024,
  message_bytes: 16 * 1024,
  stream_seconds: 3600,
}

/** The limits of every tenant. */
export class LimitCatalogue {
  private readonly byTenant: ReadonlyMap<string, TenantLimits>
  private readonly byDefault: TenantLimits
  /** Of who comes without a key. */
  readonly open: TenantLimits

  constructor(written: WrittenTenantLimits = {}) {
    this.byDefault = limitsOf({ ...limitDefaults, ...written.default })
    this.open = limitsOf({ ...openLimitDefaults, ...written.open })
    this.byTenant = new Map(
      Object.entries(written.tenants ?? {}).map(([tenant, own]) => [
        tenant,
        limitsOf({ ...limitDefaults, ...written.default, ...own }),
      ]),
    )
  }

  of(tenant: string): TenantLimits {
    return this.byTenant.get(tenant) ?? this.byDefault
  }
}

function limitsOf(written: Required<WrittenLimits>): TenantLimits {
  return {
    requestsPerSecond: written.requests_per_second,
    requestBurst: written.request_burst,
    streams: written.streams,
    runs: written.runs,
    bodyBytes: written.body_bytes,
    messageBytes: written.message_bytes,
    streamMs: written.stream_seconds * 1000,
  }
}
