import { emptySession, formatCursor, type SessionState } from '@spool/events'
import {
  endInStream,
  type Log,
  sessionInStream,
  type SessionRef,
  shardOf,
  type StoredEvent,
  streamExtent,
} from '@spool/log'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { foldRow } from '../loading/fold-text.ts'
import { inOneView } from '../loading/in-one-view.ts'
import { bodyOf, compareRow } from './compare-row.ts'
import { compareSnapshots } from './compare-snapshots.ts'
import { type Difference, type Found, found, ofSession, ADVICE } from './difference.ts'
import { rowsOfSession, type StoredRow } from './stored-rows.ts'

export interface CheckedSession {
  /** Neither in the log nor stored, nor ever erased. */
  readonly unknown: boolean
  readonly erased: boolean
  /** Its rows, and how many of its events the log still holds. */
  readonly stored: number
  readonly inLog: number
  /** Events that are kept and not folded. */
  readonly marked: number
  /** What came after it was erased: it lies in the log and is stored nowhere. */
  readonly refused: number
  readonly differences: readonly Difference[]
}

/** The differences of one session that are worth telling: what follows is mostly their consequence. */
const ENOUGH = 5

/**
 * One session, exactly: its rows against its events in the log, its chain, its snapshots against the fold of its rows.
 * All of Postgres is seen as at one moment, and the log up to where the projection stood then, so it may be written,
 * purged and erased meanwhile.
 */
export async function checkSession(kysely: Kysely<Schema>, log: Log, ref: SessionRef): Promise<CheckedSession> {
  const before = await generations(kysely)
  const checked = await inOneView(kysely, (trx) => new SessionCheck(trx, log, ref).run())
  if (checked.differences.length === 0 || before === (await generations(kysely))) return checked
  // The snapshots were rebuilt meanwhile: of the new tables an old view sees nothing.
  return checkSession(kysely, log, ref)
}

async function generations(kysely: Kysely<Schema>): Promise<string> {
  const rows = await kysely.selectFrom('projection').select('generation').orderBy('shard').execute()
  return rows.map(({ generation }) => generation).join()
}

interface Tombstone {
  readonly epoch: number
  readonly seq: number
}

class SessionCheck {
  private readonly shard: number
  private readonly differences: Found[] = []
  /** Stored, and not seen in the log. */
  private readonly missingInLog: StoredRow[] = []
  private state: SessionState = emptySession()
  private stored = 0
  private inLog = 0
  private marked = 0
  private refused = 0

  constructor(
    private readonly trx: Transaction<Schema>,
    private readonly log: Log,
    private readonly ref: SessionRef,
  ) {
    this.shard = shardOf(ref, log.subjects.shards)
  }

  async run(): Promise<CheckedSession> {
    const { trx, ref, log, shard } = this
    const until = await this.storedUntil()
    const tombstone = await this.tombstone()
    await this.compareEvents(until, tombstone)
    const { firstSeq } = await streamExtent(log, shard)
    const end = await endInStream(log, ref)
    // Whoever erases it takes it out of the log first.
    const isBeingErased = tombstone === null && end?.type === 'session.erased' && end.seq > until
    if (!isBeingErased) this.tellMissing(firstSeq)
    if (tombstone !== null) await this.checkNothingLeft(tombstone)
    // What is wrong with the events is wrong with their fold, too.
    else if (this.differences.length === 0 && (this.stored > 0 || (await this.hasSnapshots()))) {
      this.differences.push(...(await compareSnapshots(trx, ref, shard, this.state)))
    }
    return {
      unknown: this.stored === 0 && this.inLog === 0 && tombstone === null && this.differences.length === 0,
      erased: tombstone !== null || isBeingErased,
      stored: this.stored,
      inLog: this.inLog,
      marked: this.marked,
      refused: this.refused,
      differences: this.differences.slice(0, ENOUGH).map((one) => ofSession(ref, shard, one)),
    }
  }

  /** Both in order of position, side by side. */
  private async compareEvents(until: number, tombstone: Tombstone | null): Promise<void> {
    const { trx, log, ref, shard } = this
    const inStream = sessionInStream(log, ref, 0, until)
    let next = await inStream.next()
    for await (const row of rowsOfSession(trx, ref)) {
      while (!next.done && next.value.seq < row.seq) {
        this.takeUnstored(next.value, tombstone)
        next = await inStream.next()
      }
      const event = !next.done && next.value.seq === row.seq ? next.value : null
      if (event === null) this.missingInLog.push(row)
      else {
        this.inLog++
        this.say(compareRow(ref, shard, event, row))
        next = await inStream.next()
      }
      this.takeRow(row)
    }
    for (; !next.done; next = await inStream.next()) this.takeUnstored(next.value, tombstone)
  }

  private takeRow(row: StoredRow): void {
    this.stored++
    const { state } = this
    if (row.shard !== this.shard) {
      this.say(
        found(
          row,
          `is stored in shard ${row.shard}, but its session belongs to shard ${this.shard}`,
          ADVICE.restorePostgres,
        ),
      )
    }
    if (row.problem !== null || !row.on_chain) this.marked++
    const follows = row.prev === state.seq
    if (row.on_chain && !follows) this.say(brokenChain(row, state))
    if (!row.on_chain && follows) {
      this.say(found(row, 'is marked as no part of its chain, but follows where that ended', ADVICE.restorePostgres))
    }
    if (row.on_chain) this.state = foldRow(state, { ...row, body: row.raw === null ? bodyOf(row).toString() : '' })
  }

  /** In the log, and without a row. */
  private takeUnstored(event: StoredEvent, tombstone: Tombstone | null): void {
    this.inLog++
    if (tombstone === null) {
      const what =
        event.type === 'session.erased'
          ? 'says that the session was erased, but there is no tombstone'
          : 'is in the log and before the checkpoint, but not stored'
      this.say(found(event, what, ADVICE.restorePostgres, { inLog: event.text(), stored: null }))
    } else if (event.seq > tombstone.seq) this.refused++
    else if (event.seq < tombstone.seq) {
      this.say(found(event, 'belongs to an erased session and is still in the log', ADVICE.eraseAgain))
    }
  }

  private tellMissing(firstSeq: number): void {
    const [first] = this.missingInLog.filter((row) => row.seq >= firstSeq)
    if (first === undefined) return
    const what = 'is stored, but the log does not hold it any more'
    this.say(found(first, what, ADVICE.restoreLog, { inLog: null, stored: bodyOf(first).toString() }))
  }

  private async checkNothingLeft(tombstone: Tombstone): Promise<void> {
    const { tenant, session } = this.ref
    const tables = ['events', 'sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts'] as const
    for (const table of tables) {
      const { count } = await this.trx
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('tenant', '=', tenant)
        .where('session', '=', session)
        .executeTakeFirstOrThrow()
      if (count === 0) continue
      const what = `the session was erased at ${formatCursor(tombstone)}, but ${count} row(s) of it are left in ${table}`
      this.say(found(null, what, ADVICE.eraseAgain))
    }
  }

  private async hasSnapshots(): Promise<boolean> {
    const { tenant, session } = this.ref
    const { rows } = await sql<{ there: boolean }>`
      select exists (select from sessions where tenant = ${tenant} and session = ${session})
        or exists (select from runs where tenant = ${tenant} and session = ${session})
        or exists (select from messages where tenant = ${tenant} and session = ${session}) as there`.execute(this.trx)
    return rows[0]!.there
  }

  private async storedUntil(): Promise<number> {
    const row = await this.trx.selectFrom('projection').select('seq').where('shard', '=', this.shard).executeTakeFirst()
    return row?.seq ?? 0
  }

  private async tombstone(): Promise<Tombstone | null> {
    const { tenant, session } = this.ref
    const row = await this.trx
      .selectFrom('tombstones')
      .select(['epoch', 'seq'])
      .where('tenant', '=', tenant)
      .where('session', '=', session)
      .executeTakeFirst()
    return row ?? null
  }

  private say(difference: Found | null): void {
    if (difference !== null) this.differences.push(difference)
  }
}

function brokenChain(row: StoredRow, state: SessionState): Found {
  const ended =
    state.seq === 0 ? 'nothing of its session is stored before it' : `its session's chain ended at ${state.seq}`
  return found(
    row,
    `follows ${row.prev}, but ${ended}: what lies between is missing, or was changed`,
    ADVICE.restorePostgres,
  )
}
