import type { SessionRef } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { afterwards, duePieces } from '../folding/due-pieces.ts'
import { type KnownSession, remembered } from '../folding/known-session.ts'
import { openSessions, sessionKey } from '../loading/open-sessions.ts'
import { writeMemories } from '../storing/write-memories.ts'
import { writePieces } from '../storing/write-pieces.ts'
import { eventPages } from './event-pages.ts'
import { type FoldedRows, foldRows } from './fold-rows.ts'
import { useNewTables } from './new-tables.ts'

export interface Filled {
  events: number
  sessions: number
}

export type OnFolded = (filled: Filled) => void

const SESSIONS_AT_ONCE = 500

/** Folds all that is stored. While a page is folded, the one before is written and the one after it is read. */
export async function fillTables(kysely: Kysely<Schema>, onFolded: OnFolded, signal: AbortSignal): Promise<void> {
  // A session may go on in the next page.
  let last = new Map<string, KnownSession>()
  let writing = Promise.resolve()
  for await (const page of eventPages(kysely)) {
    signal.throwIfAborted()
    const folded = foldRows(page, last)
    const begun = folded.changes.filter(({ change }) => !last.has(sessionKey(change.ref))).length
    const { due, known } = dueOf(folded)
    last = new Map([...known].slice(-1))
    await writing
    writing = write(kysely, due, folded)
    writing.catch(() => undefined)
    onFolded({ events: page.length, sessions: begun })
  }
  await writing
}

/** Goes on with sessions from where the new tables have them. */
export async function fillSessions(
  kysely: Kysely<Schema>,
  refs: readonly SessionRef[],
  onFolded: OnFolded,
): Promise<void> {
  for (let at = 0; at < refs.length; at += SESSIONS_AT_ONCE) {
    const some = refs.slice(at, at + SESSIONS_AT_ONCE)
    const sessions = await kysely.transaction().execute(async (trx) => {
      await useNewTables(trx)
      const opened = await openSessions(trx, some, { asWritten: true })
      return new Map([...opened].map(([key, session]) => [key, remembered(session)]))
    })
    const asked = some.map((ref) => ({ ...ref, after: sessions.get(sessionKey(ref))?.state.seq ?? 0 }))
    for await (const page of eventPages(kysely, asked)) {
      const folded = foldRows(page, sessions)
      const begun = folded.changes.filter(({ change }) => !change.before.known).length
      const { due, known } = dueOf(folded)
      for (const [key, session] of known) sessions.set(key, session)
      await write(kysely, due, folded)
      onFolded({ events: page.length, sessions: begun })
    }
  }
}

function dueOf(folded: FoldedRows) {
  const due = folded.changes.map(({ shard, change }) => ({ shard, change, due: duePieces(change) }))
  const known = new Map(due.map(({ change, due: pieces }) => [sessionKey(change.ref), afterwards(change, pieces)]))
  return { due, known }
}

async function write(
  kysely: Kysely<Schema>,
  due: ReturnType<typeof dueOf>['due'],
  { memories }: FoldedRows,
): Promise<void> {
  await kysely.transaction().execute(async (trx) => {
    await useNewTables(trx)
    for (const [shard, changes] of Map.groupBy(due, (change) => change.shard)) await writePieces(trx, shard, changes)
    await writeMemories(trx, memories)
  })
}
