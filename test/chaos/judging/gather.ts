import { DIALECTS } from '@spool/dialects'
import { readEvent, type SessionState } from '@spool/events'
import type { Asking } from './asking.ts'
import type { LoggedEvent } from './logged-event.ts'
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
  /** The log of what it is a fork of; empty: of nothing. */
  readonly original: readonly LoggedEvent[]
}

const PAGE = 1000

export async function gather(session: string, stores: Stores, asking: Asking): Promise<Gathered> {
  const [log, rows, stored] = await Promise.all([
    stores.inNats(session),
    stores.inPostgres(session),
    stores.snapshot(session),
  ])
  const path = `/v1/sessions/${session}`
  const pages = await pagesOf(path, asking)
  const shown = new Map<string, Record<string, unknown>>()
  const runs = new Set<string>()
  const blobs = new Map<string, string>()
  for (const { text, type } of log) {
    if (!type.startsWith('run.') && type !== 'artifact.created') continue
    const read = readEvent(JSON.parse(text))
    if (!read.ok) continue
    if (read.event.run !== undefined) runs.add(read.event.run)
    for (const { wants } of DIALECTS) {
      const blob = wants?.(read.event)
      if (blob !== undefined) blobs.set(blob, await asking.text(`${path}/blobs/${blob}`))
    }
  }
  for (const of of shownPaths(runs)) shown.set(of, await asking.json(`${path}${of}`))
  const origin = log.find(({ type }) => type === 'session.forked')
  const from = origin && (JSON.parse(origin.text) as { from_session: string }).from_session
  const original = from === undefined ? [] : await stores.inNats(from)
  return { session, log, rows, pages, shown, stored, blobs, original }
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
