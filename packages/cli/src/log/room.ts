import { MAX_EVENT_BYTES } from '@spool/events'
import type { StreamStatus } from '@spool/log'

const MEBIBYTE = 1024 ** 2

type Room = Pick<StreamStatus, 'bytes' | 'maxBytes'>

export function sizeOf({ bytes, maxBytes }: Room): string {
  return maxBytes === null ? mebibytes(bytes) : `${mebibytes(bytes)} of ${mebibytes(maxBytes)}`
}

/** The next event may be one that finds no room. */
export function isFull({ bytes, maxBytes }: Room): boolean {
  return maxBytes !== null && maxBytes - bytes < MAX_EVENT_BYTES
}

function mebibytes(bytes: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
  return `${(bytes / MEBIBYTE).toLocaleString('en', digits)} MiB`
}
