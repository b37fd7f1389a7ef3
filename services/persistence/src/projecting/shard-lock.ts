import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely'
import { Client } from 'pg'
import { connectionOptions, type Schema } from '@spool/store'

/** The first half of the lock's key ("spool"); the second is the shard. */
const LOCK_SPACE = 0x5b001
const TRY_AGAIN_MS = 500
const END_PATIENCE_MS = 1000

/** The right to project one shard, and the one connection that has it. They end together. */
export interface HeldShard {
  readonly kysely: Kysely<Schema>
  /** Aborted when the connection, and the lock with it, is lost. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

export interface HoldOptions {
  url: string
  /** Shown in the server's list of connections. */
  name: string
  shard: number
  /**
   * The server ends a holder that has said nothing for this long: one that is frozen, or cut off without a word. So
   * the lock is a lease, and somebody else can go on.
   */
  leaseMs: number
  signal: AbortSignal
  /** Somebody else holds it. */
  onStandby: () => void
}

/**
 * Waits for the lock of a shard. It is asked for again and again rather than waited for in the server: a statement
 * that waits would keep Postgres from cleaning up behind the updates of the one who projects.
 */
export async function holdShard(options: HoldOptions): Promise<HeldShard> {
  const { shard, leaseMs, signal, onStandby } = options
  const { client, lost } = await connect(options)
  try {
    for (;;) {
      signal.throwIfAborted()
      lost.throwIfAborted()
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [
        LOCK_SPACE,
        shard,
      ])
      if (rows[0]?.held === true) break
      onStandby()
      await sleep(TRY_AGAIN_MS, undefined, { signal: AbortSignal.any([signal, lost]) })
    }
  } catch (error) {
    await end(client)
    throw error
  }
  const heartbeat = setInterval(() => void client.query('select 1').catch(() => undefined), leaseMs / 4)
  const release = (): Promise<void> => {
    clearInterval(heartbeat)
    return end(client)
  }
  return { kysely: overOne(client), lost, release }
}

/** Whether somebody holds the lock of a shard. */
export async function isShardHeld(kysely: Kysely<Schema>, shard: number): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select exists (
      select from pg_locks
      where locktype = 'advisory' and granted and classid = ${LOCK_SPACE} and objid = ${shard} and objsubid = 2
        and database = (select oid from pg_database where datname = current_database())
    ) as held`.execute(kysely)
  return rows[0]?.held === true
}

async function connect({ url, name, leaseMs }: HoldOptions): Promise<{ client: Client; lost: AbortSignal }> {
  const client = new Client(connectionOptions(url, name))
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('The connection to Postgres ended')))
  await client.connect()
  await client.query(
    `set idle_session_timeout = ${leaseMs}; set idle_in_transaction_session_timeout = ${leaseMs};
     set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
     set tcp_user_timeout = ${leaseMs}`,
  )
  return { client, lost: lost.signal }
}

/** A good-bye that nobody acknowledges is cut short. */
async function end(client: Client): Promise<void> {
  const { stream } = (client as Client & { connection: { stream: Socket } }).connection
  const cut = setTimeout(() => stream.destroy(), END_PATIENCE_MS)
  await client.end().catch(() => undefined)
  clearTimeout(cut)
}

/** Kysely over this connection and no other. */
function overOne(client: Client): Kysely<Schema> {
  const connection = {
    query: (text: string, values: unknown[]) => client.query(text, values),
    release: () => undefined,
  } as unknown as PostgresPoolClient
  const pool: PostgresPool = { connect: async () => connection, end: async () => undefined, options: {} }
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}
