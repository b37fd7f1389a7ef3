import { DIALECTS } from '@spool/dialects'
import type { ClientLog } from '../client-log.ts'
import type { DialectFrames } from './dialect-frames.ts'
import { apart, short } from './difference-of.ts'

export function dialectOf({ kind }: ClientLog) {
  const name = kind.replace(/^dialect /, '')
  return DIALECTS.find((dialect) => dialect.name === name)
}

/**
 * What is wrong with what somebody saw in a dialect: all frames of the run, each once, in order, byte by byte. Whoever
 * comes back is greeted anew, and is told again what was cut off before its id; then, and at no other time. When a
 * connection was opened and how long it lasted the log does not know: that must be a time, and which one is not looked
 * at.
 */
export function dialectFaults(client: ClientLog, { opening, groups, closing }: DialectFrames): string[] {
  const due = [...groups, ...(closing.length > 0 ? [closing] : [])]
  const joints = new Set(client.joints)
  const faults: string[] = []
  let told: readonly string[] = []
  let group = 0
  let since = { frames: 0, bytes: 0 }
  for (const [index, text] of client.frames.entries()) {
    if (index === 0 || joints.has(index)) {
      told = [...opening, ...(due[group] ?? [])]
      since = { frames: 0, bytes: 0 }
    }
    const [expected, ...rest] = told
    if (expected === undefined) return [...faults, `frame ${index + 1} is one too many: ${short(text)}`]
    if (timeless(text) !== timeless(expected)) {
      return [...faults, `frame ${index + 1} is ${apart(timeless(text), timeless(expected))}`]
    }
    faults.push(...wrongStatistics(text, since))
    // Why the stream itself ends is told behind the count of bytes.
    const isUncounted = group >= groups.length && text.startsWith('event: error\n')
    const bytes = isUncounted ? 0 : Buffer.byteLength(text) + 2
    since = { frames: since.frames + 1, bytes: since.bytes + bytes }
    told = rest
    const isGreeting = rest.length >= (due[group]?.length ?? 0)
    if (rest.length === 0 && !isGreeting) told = due[++group] ?? []
  }
  if (group < due.length) faults.push(`saw ${client.frames.length} frames and not the end: ${short(told[0])}`)
  return faults
}

/** Frames without an id are of no event: what time they tell is that of the connection. */
function timeless(text: string): string {
  if (text.startsWith('id: ')) return text
  const name = /^event: (connection|error|complete|close)$/m.exec(text)?.[1]
  if (name === undefined) return text
  return text
    .replace(/"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, '"timestamp":"a time"')
    .replace(/("events_sent"):\d+,("bytes_sent"):\d+,("duration"):\d+(\.\d+)?/, '$1:0,$2:0,$3:0')
}

/** The planner says at the end how much its connection was told. */
function wrongStatistics(text: string, since: { frames: number; bytes: number }): string[] {
  const [, frames, bytes] = /^event: complete\n[^]*"events_sent":(\d+),"bytes_sent":(\d+),/.exec(text) ?? []
  if (frames === undefined) return []
  if (Number(frames) === since.frames && Number(bytes) === since.bytes) return []
  return [`was told of ${frames} frames and ${bytes} bytes, and got ${since.frames} and ${since.bytes}`]
}
