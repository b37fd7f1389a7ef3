import { CURSOR } from './vocabulary/scalars.ts'

/** A public position: `seq` within one life of the store. Sequences also grow from epoch to epoch. */
export interface Cursor {
  readonly epoch: number
  readonly seq: number
}

/** Before the first event: what `0`, and no cursor at all, mean. */
export const BEGINNING: Cursor = { epoch: 0, seq: 0 }

export function formatCursor(cursor: Cursor): string {
  return cursor.seq === 0 ? '0' : `${cursor.epoch}-${cursor.seq}`
}

/** null: malformed. */
export function parseCursor(text: string): Cursor | null {
  if (text === '' || text === '0') return BEGINNING
  if (!CURSOR.test(text)) return null
  const dash = text.indexOf('-')
  const seq = Number(text.slice(dash + 1))
  return Number.isSafeInteger(seq) ? { epoch: Number(text.slice(0, dash)), seq } : null
}
