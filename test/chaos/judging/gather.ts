import type { SessionState } from '@spool/events'
import { DIALECTS } from '@spool/dialects'
import type { Asking } from './asking.ts'
import { readEvent } from '@spool/events'
import type { LoggedEvent } from './logged-event.ts'
import { loggedSession } from './logged-session.ts'
import type { Page, StoredRow } from './stored-places.ts'
import type { Stores } from './stores.ts'
import { type Shown, shownPaths } from './unlike-fold.ts'

/** A session as everybody has it. */
export interface Gathered {
  readonly session: string
  readonly log: readonly LoggedEvent[]
  readonly rows: readonly StoredRow[]
  readonly pages: readonly Page[]
  readonly shown: Shown
  readonly stored: SessionState | null
  /** Texts that a dialect tells and no event holds, by the id of their blob. */
  readonly blobs: ReadonlyMap<string, string>
}

const PAGE = 1000

export async function gather(session: string, stores: Stores, asking: Asking): Promise<Gathered> {
  const [log, rows, stored] = await Promise.all([
    stores.inNats(session),
    stores.inPostgres(session),
    stores.snapshot(session),
  ])
  const { state, wire } = loggedSession(session, log)
  const path = `/v1/sessions/${session}`
  const pages = await pagesOf(path, asking)
  const shown = new Map<string, Record<string, unknown>>()
  for (const of of shownPaths(state)) shown.set(of, await asking.json(`${path}${of}`))
  const blobs = new Map<string, string>()
  for (const { session: _, ...body } of wire) {
    const read = readEvent(body)
    for (const { wants } of DIALECTS) {
      const blob = read.ok ? wants?.(read.event) : undefined
      if (blob !== undefined) blobs.set(blob, await asking.text(`${path}/blobs/${blob}`))
    }
  }
  return { session, log, rows, pages, shown, stored, blobs }
}

async function pagesOf(path: string, asking: Asking): Promise<Page[]> {
  const pages: Page[] = []
  for (let after = '0', more = true; more;) {
    const text = await asking.text(`${path}/events?limit=${PAGE}&after=${after}`)
    const page = JSON.parse(text) as { events: unknown[]; next: string; more: boolean }
    pages.push({ text, count: page.events.length })
    more = page.more && page.events.length > 0
    after = page.next
  }
  return pages
}
