import type { Gathered } from '../gather.ts'
import { type LoggedEvent, toldText } from '../logged-event.ts'
import { loggedSession } from '../logged-session.ts'
import { shownOf } from '../unlike-fold.ts'

/** A world in which this is the log, and everybody agrees: what is wrong with it, nobody else can tell. */
export function agreed(session: string, log: readonly LoggedEvent[]): Gathered {
  const logged = loggedSession(session, log)
  const last = log.at(-1)!
  const rows = log.map((event) => ({
    ...event,
    run: (JSON.parse(event.text) as { run?: string }).run ?? null,
    shard: 0,
    bytes: Buffer.byteLength(event.text),
    onChain: true,
    problem: null,
  }))
  const events = log.map((event) => toldText(event, session)).join(',')
  const pages = [{ text: `{"events":[${events}],"next":"${last.epoch}-${last.seq}","more":false}`, count: log.length }]
  return { session, log, rows, pages, shown: shownOf(logged), stored: logged.state, blobs: new Map(), original: [] }
}

/** The log with a change at one place, and the chain behind it mended: nothing of it looks torn. */
export function mended(log: readonly LoggedEvent[]): LoggedEvent[] {
  let prev = 0
  return log.map((event) => {
    const next = { ...event, prev }
    prev = event.seq
    return next
  })
}

/** An event with other fields. */
export function changed(event: LoggedEvent, change: (body: Record<string, unknown>) => object): LoggedEvent {
  const body = JSON.parse(event.text) as Record<string, unknown>
  return { ...event, text: JSON.stringify({ ...body, ...change(body) }) }
}
