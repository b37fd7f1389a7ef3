import type { SessionState } from '@spool/events'
import { type Archive, Bus, Log, readDeployment, sessionInStream, streamExtent } from '@spool/log'
import { type Database, loadSession, openDatabase, verifyStored } from '@spool/store'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import type { LoggedEvent } from './logged-event.ts'
import type { StoredRow } from './stored-places.ts'

const TENANT = 'default'
/** By then persistence has stored all there is. */
const STORED_WITHIN_MS = 30_000
const CONNECTIONS = 8

/** NATS and Postgres themselves, read past all services. */
export class Stores {
  private readonly bus: Bus
  private readonly log: Log
  private readonly database: Database
  private readonly pool: Pool

  private constructor(bus: Bus, log: Log, database: Database, pool: Pool) {
    this.bus = bus
    this.log = log
    this.database = database
    this.pool = pool
  }

  static async open({ natsUrl, databaseUrl }: { natsUrl: string; databaseUrl: string }): Promise<Stores> {
    const bus = await Bus.connect({ servers: natsUrl, name: 'judge' })
    try {
      const deployment = await readDeployment(bus)
      const log = await Log.open(bus, nobody, deployment?.shards ?? 1)
      const database = openDatabase({ url: databaseUrl, name: 'judge', connections: CONNECTIONS, patient: true })
      return new Stores(bus, log, database, new Pool({ connectionString: databaseUrl, max: CONNECTIONS }))
    } catch (error) {
      await bus.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.bus.close(), this.database.close(), this.pool.end()])
  }

  /** Waits until Postgres has got as far as NATS. */
  async settled(): Promise<string[]> {
    const giveUpAt = performance.now() + STORED_WITHIN_MS
    for (;;) {
      const late: string[] = []
      const { rows } = await this.pool.query<{ shard: number; seq: string; diverged: string | null }>(
        'select shard, seq, diverged from projection',
      )
      for (let shard = 0; shard < this.log.subjects.shards; shard++) {
        const { lastSeq } = await streamExtent(this.log, shard)
        const row = rows.find((one) => one.shard === shard)
        if (row?.diverged != null) return [`shard ${shard} is not stored any more: ${row.diverged}`]
        if (Number(row?.seq ?? 0) !== lastSeq)
          late.push(`shard ${shard} is stored to ${row?.seq}, and ends at ${lastSeq}`)
      }
      if (late.length === 0 || performance.now() > giveUpAt) return late
      await sleep(50)
    }
  }

  /** Every session that is anywhere, by how many of its events NATS holds. */
  async sessions(): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (const name of logStreams(this.log)) {
      const { state } = await this.bus.jsm.streams.info(name, { subjects_filter: '>' })
      for (const [subject, count] of Object.entries(state.subjects ?? {})) {
        const [, , tenant, session = ''] = subject.split('.')
        found.set(tenant === TENANT ? session : `${tenant}/${session}`, count)
      }
    }
    const { rows } = await this.pool.query<{ session: string }>(
      'select session from sessions union select session from events',
    )
    for (const { session } of rows) if (!found.has(session)) found.set(session, 0)
    return found
  }

  async inNats(session: string): Promise<LoggedEvent[]> {
    const ref = { tenant: TENANT, session }
    const events: LoggedEvent[] = []
    const until = await this.log.lastPosition(ref)
    for await (const event of sessionInStream(this.log, ref, 0, until)) {
      const { epoch, seq, prev, id, type } = event
      events.push({ epoch, seq, prev, id, type, text: event.text() })
    }
    return events
  }

  async inPostgres(session: string): Promise<StoredRow[]> {
    const { rows } = await this.pool.query<Record<'epoch' | 'seq' | 'prev' | 'bytes', string> & StoredRow>(
      `select shard, epoch, seq, prev, event_id as id, type, run, bytes, on_chain as "onChain", problem,
        coalesce(body::text, convert_from(raw, 'UTF8')) as text
      from events where tenant = $1 and session = $2 order by epoch, seq`,
      [TENANT, session],
    )
    return rows.map((row) => ({
      ...row,
      epoch: Number(row.epoch),
      seq: Number(row.seq),
      prev: Number(row.prev),
      bytes: Number(row.bytes),
    }))
  }

  /** The snapshots, put together. */
  async snapshot(session: string): Promise<SessionState | null> {
    const ref = { tenant: TENANT, session }
    return (await loadSession(this.database.kysely, ref, { messages: 'all', finished: true }))?.state ?? null
  }

  /** What `spool verify` finds. */
  async verify(): Promise<string[]> {
    const { differences, unexamined, marked } = await verifyStored(this.database.kysely, this.log)
    const told = differences.map(({ session, at, what, inLog, stored }) => {
      return `spool verify: ${session ?? 'a shard'} at ${at}: ${what} (${inLog} / ${stored})`
    })
    if (unexamined > 0) told.push(`spool verify: ${unexamined} sessions besides`)
    if (marked > 0) told.push(`spool verify: ${marked} events are kept and not folded`)
    return told
  }
}

function logStreams({ subjects }: Log): string[] {
  return Array.from({ length: subjects.shards }, (_, shard) => (subjects.shards === 1 ? 'LOG' : `LOG-${shard}`))
}

/** What NATS does not hold is missing: nobody is asked for it. */
const nobody: Archive = {
  tail: async () => ({ seq: 0, erased: false }),
  // oxlint-disable-next-line require-yield -- there is nothing
  read: async function* () {
    return
  },
  has: async () => false,
  state: async () => null,
  heights: async () => [],
}
