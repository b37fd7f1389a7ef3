import { differenceOf } from './difference-of.ts'
import { type LoggedEvent, toldText } from './logged-event.ts'

/** A row of `events` in Postgres. */
export interface StoredRow extends LoggedEvent {
  readonly run: string | null
  readonly shard: number
  readonly bytes: number
  readonly onChain: boolean
  readonly problem: string | null
}

/** NATS and Postgres hold the same events, to the letter. */
export function unlikeRows(log: readonly LoggedEvent[], rows: readonly StoredRow[]): string[] {
  const faults: string[] = []
  const difference = differenceOf(rows.map(inOneLine), log.map(inOneLine))
  if (difference !== null) faults.push(`Postgres holds another log than NATS: ${difference}`)
  for (const { seq, text, bytes, run, onChain, problem } of rows) {
    if (!onChain || problem !== null) faults.push(`Postgres has set ${seq} aside: ${problem ?? 'it does not follow'}`)
    if (Buffer.byteLength(text) !== bytes) faults.push(`Postgres says that ${seq} has ${bytes} bytes`)
    if (runIn(text) !== run) faults.push(`Postgres says that ${seq} is of the run ${run}`)
  }
  return faults
}

/** A page of the log as a gateway gives it, with where it ends. */
export interface Page {
  readonly text: string
  readonly count: number
}

/** A gateway gives the same, byte by byte. */
export function unlikePages(log: readonly LoggedEvent[], pages: readonly Page[], session: string): string[] {
  let at = 0
  for (const { text, count } of pages) {
    const events = log.slice(at, at + count)
    at += count
    const last = events.at(-1)
    const next = last === undefined ? '0' : `${last.epoch}-${last.seq}`
    const told = events.map((event) => toldText(event, session)).join(',')
    const wanted = `{"events":[${told}],"next":"${next}","more":${at < log.length}}`
    if (text !== wanted) return [`a gateway gives another log than NATS: ${differenceOf([text], [wanted])}`]
  }
  return at === log.length ? [] : [`a gateway gives ${at} events, and NATS holds ${log.length}`]
}

function inOneLine({ epoch, seq, prev, id, type, text }: LoggedEvent): string {
  return `${epoch}-${seq} after ${prev}, ${id} ${type}: ${text}`
}

/** What does not parse belongs to nobody. */
function runIn(text: string): string | null {
  try {
    return (JSON.parse(text) as { run?: string }).run ?? null
  } catch {
    return null
  }
}
