import { splitHalf } from '@spool/events'
import { MAX_BLOB_BYTES } from '@spool/log'

export type ToolOutput =
  | { readonly kind: 'whole'; readonly output: unknown }
  /** Too much for an event: its beginning as text, and what goes into a blob. */
  | { readonly kind: 'large'; readonly beginning: string; readonly bytes: Uint8Array; readonly mediaType: string }
  | { readonly kind: 'too-large' }

/** An event takes 256 KiB. */
const MOST_IN_EVENT_BYTES = 128 * 1024

/**
 * What a tool has given back, as JSON has it.
 * @throws TypeError what JSON cannot hold
 */
export function toolOutput(output: unknown, maxBytes: number): ToolOutput {
  // Of a function, or of nothing, there is no JSON.
  const json = JSON.stringify(output) ?? 'null'
  const most = Math.min(maxBytes, MOST_IN_EVENT_BYTES)
  if (Buffer.byteLength(json) <= most) return { kind: 'whole', output: JSON.parse(json) as unknown }
  const isText = typeof output === 'string'
  const text = isText ? output : json
  const bytes = Buffer.from(text)
  if (bytes.length > MAX_BLOB_BYTES) return { kind: 'too-large' }
  const mediaType = isText ? 'text/plain; charset=utf-8' : 'application/json'
  return { kind: 'large', beginning: beginningOf(text, most), bytes, mediaType }
}

/** As much as fits, not cut between the halves of a character. */
function beginningOf(text: string, maxBytes: number): string {
  for (let length = Math.min(text.length, maxBytes); length > 0;) {
    const { whole } = splitHalf(text.slice(0, length))
    const bytes = Buffer.byteLength(JSON.stringify(whole))
    if (bytes <= maxBytes) return whole
    length = Math.floor((whole.length * maxBytes) / bytes)
  }
  return ''
}
