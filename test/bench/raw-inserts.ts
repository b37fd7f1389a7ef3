import { Client } from 'pg'
import { cpuMsOf } from './cpu-time.ts'

const BATCH = 1000

export interface Cost {
  perSecond: number
  /** Of Postgres and of whoever writes there: it says more than the rate where others use this machine, too. */
  cpuUs: number
}

interface Where {
  database: Client
  databaseUrl: string
  /** Its process id. */
  postgres: number
  /** How many of the newest events. */
  rows: number
}

/** Postgres alone: the same rows into a table like it, in transactions of the size of a batch. */
export async function insertRaw({ database, databaseUrl, postgres, rows: most }: Where): Promise<Cost> {
  const { rows: names } = await database.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = 'events'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )
  await database.query('create table raw_events (like events including all)')
  const list = names.map(({ name }) => `${name}::text`).join(', ')
  const { rows } = await database.query({
    text: `select ${list} from events order by seq desc limit ${most}`,
    rowMode: 'array',
  })
  const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, at) => {
    const some = (rows as unknown as string[][]).slice(at * BATCH, (at + 1) * BATCH)
    return names.map((_name, column) => some.map((row) => row[column]))
  })
  const insert = `insert into raw_events select * from unnest(${names.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')})`
  const client = new Client(databaseUrl)
  await client.connect()
  const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + cpuMsOf(postgres)
  }
  const [startedMs, before] = [performance.now(), cpuMs()]
  for (const batch of batches) await client.query(insert, batch)
  const perSecond = rows.length / ((performance.now() - startedMs) / 1000)
  const cpuUs = ((cpuMs() - before) * 1000) / rows.length
  await client.end()
  await database.query('drop table raw_events')
  return { perSecond, cpuUs }
}
