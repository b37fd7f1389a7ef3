/*
 * What Postgres takes into columns of its own types. The body beside them is kept verbatim, so nothing is lost here.
 */

const YEAR_1_MS = -62_135_596_800_000
const END_OF_YEAR_9999_MS = 253_402_300_799_999

/** `text` holds no NUL and no half characters. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}

/** Our ids have 26 characters. What is far longer would not fit into an index. */
export function storableId(id: string): string {
  return storableText(id.slice(0, 128))
}

export function storableInstant(at: unknown): string | null {
  const ms = storableMs(at)
  return ms === null ? null : new Date(ms).toISOString()
}

/** The same, in ms of the Unix clock. */
export function storableMs(at: unknown): number | null {
  if (typeof at !== 'string') return null
  const ms = Date.parse(at)
  return ms >= YEAR_1_MS && ms <= END_OF_YEAR_9999_MS ? ms : null
}

export function storablePosition(position: number): number {
  return Number.isSafeInteger(position) && position >= 0 ? position : 0
}
