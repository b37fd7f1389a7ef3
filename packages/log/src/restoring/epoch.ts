import type { StreamConfig } from '@nats-io/jetstream'

/** A life of a stream: which one, and its first position. All positions before belong to earlier ones. */
export interface Epoch {
  readonly epoch: number
  readonly first: number
}

/** In a stream's metadata. */
export const EPOCH = 'spool_epoch'
export const EPOCH_FIRST = 'spool_epoch_first'
/** While a stream is being restored: how many bytes it may hold when it takes events again. */
export const FROZEN_MAX_BYTES = 'spool_frozen_max_bytes'

export function epochOf({ metadata }: Pick<StreamConfig, 'metadata'>): Epoch {
  return { epoch: Number(metadata?.[EPOCH] ?? 1), first: Number(metadata?.[EPOCH_FIRST] ?? 0) }
}

/** `null`: as much as the server has room for. Of a frozen stream: what it may hold again. */
export function maxBytesOf({ metadata, max_bytes }: Pick<StreamConfig, 'metadata' | 'max_bytes'>): number | null {
  const maxBytes = Number(metadata?.[FROZEN_MAX_BYTES] ?? max_bytes)
  return maxBytes > 0 ? maxBytes : null
}

/** Nothing is appended: one who tries waits, as in front of a full stream. */
export function isFrozen({ metadata }: Pick<StreamConfig, 'metadata'>): boolean {
  return metadata?.[FROZEN_MAX_BYTES] !== undefined
}
