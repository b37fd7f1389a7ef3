import { type SessionChange, begin, take } from '../folding/fold-batch.ts'
import type { KnownSession } from '../folding/known-session.ts'
import { type MemoryChanges, MemoryLedger } from '../folding/memory-changes.ts'
import { eventOfRow } from '../loading/fold-text.ts'
import { sessionKey } from '../loading/open-sessions.ts'
import type { SessionRow } from './event-pages.ts'

export interface FoldedRows {
  readonly changes: readonly { readonly shard: number; readonly change: SessionChange }[]
  readonly memories: MemoryChanges
}

/** A page of stored events, session by session, folded on top of what is known of these. */
export function foldRows(rows: readonly SessionRow[], sessions: ReadonlyMap<string, KnownSession>): FoldedRows {
  const changes: { shard: number; change: SessionChange }[] = []
  const memories = new MemoryLedger()
  let change: SessionChange | undefined
  for (const row of rows) {
    const { tenant, session, shard, seq, epoch } = row
    if (change === undefined || change.ref.session !== session || change.ref.tenant !== tenant) {
      const ref = { tenant, session }
      change = begin(ref, sessions.get(sessionKey(ref)))
      changes.push({ shard, change })
    }
    if (seq <= change.after.seq) continue
    change.epoch = epoch
    const event = eventOfRow(row)
    if (event === null) change.after = { ...change.after, seq }
    else {
      memories.take(change.ref, change.after, row, event)
      take(change, seq, event)
    }
  }
  return {
    changes: changes.filter(({ change: { before, after } }) => after !== before.state && !after.erased),
    memories: memories.changes,
  }
}
