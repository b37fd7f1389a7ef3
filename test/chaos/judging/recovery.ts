import { setImmediate } from 'node:timers/promises'
import type { ClientLog } from '../client-log.ts'
import type { JudgedFault } from './judged.ts'

/** In ms; `null`: nobody waited for a token. */
export interface Recovery {
  readonly count: number
  readonly p50: number | null
  readonly p99: number | null
  readonly most: number | null
}

/** Whose time is that of the system and not their own. */
const PROMPT: readonly string[] = ['run', 'session', 'web-socket'] satisfies ClientLog['kind'][]

/** Between two of these somebody waits. */
interface Wait {
  readonly from: number
  readonly to: number
}

/**
 * From a fault to the next token, for each client that was being told an answer when it came: from when its message is
 * asked for to its last token. By kind of fault, and of all as `all`.
 */
export async function recoveries(
  faults: readonly JudgedFault[],
  clients: readonly ClientLog[],
): Promise<Readonly<Record<string, Recovery>>> {
  const times = new Map<string, number[]>([['all', []]])
  for (const { kind } of faults) times.set(kind, [])
  for (const client of clients) {
    if (!PROMPT.includes(client.kind)) continue
    const waits = waitsOf(client)
    // What was unpacked goes with the turn of the event loop; of half an hour there is too much of it for one.
    await setImmediate()
    for (const { kind, at } of faults) {
      const hit = waits.find(({ from, to }) => from <= at && at < to)
      if (hit === undefined) continue
      times.get('all')!.push(hit.to - at)
      times.get(kind)!.push(hit.to - at)
    }
  }
  return Object.fromEntries([...times].map(([kind, ms]) => [kind, recoveryOf(ms)]))
}

function waitsOf({ events, at }: ClientLog): Wait[] {
  const waits: Wait[] = []
  const since = new Map<unknown, number>()
  for (const [index, { type, message, purpose }] of events.entries()) {
    const now = at[index]!
    if (type === 'message.requested' && purpose === 'answer') since.set(message, now)
    const from = since.get(message)
    if (type !== 'text.delta' || from === undefined) continue
    waits.push({ from, to: now })
    since.set(message, now)
  }
  return waits
}

function recoveryOf(ms: readonly number[]): Recovery {
  const sorted = ms.toSorted((a, b) => a - b)
  const place = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
  return { count: sorted.length, p50: place(0.5), p99: place(0.99), most: sorted.at(-1) ?? null }
}
