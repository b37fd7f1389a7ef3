import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { FIELD, LINE, lineOfRow } from './event-lines.ts'

const PAGE_EVENTS = 5000
const PAGE_BYTES = 8 * 1024 ** 2
const FIELDS = 12

export interface Place {
  readonly epoch: number
  readonly seq: number
}

/** A row as a whole shard is read. */
export interface BulkRow {
  readonly epoch: number
  readonly seq: number
  readonly tenant: string
  readonly session: string
  readonly prev: number
  /** It is kept and not folded. */
  readonly marked: boolean
  /** null: it cannot be read in bulk. */
  readonly body: string | null
}

/**
 * The rows of a shard in `(after, until]`, in the order of the log. Each page comes as one text: a row of its own for
 * each event would cost more than all that is done with it. The next page is asked for while one is worked on.
 */
export async function* rowPages(
  kysely: Kysely<Schema>,
  shard: number,
  after: Place,
  until: Place,
): AsyncGenerator<readonly BulkRow[], void, undefined> {
  let next = page(kysely, shard, after, until)
  for (;;) {
    const text = await next
    if (text === null) return
    const last = text.lastIndexOf(LINE) + 1
    const [epoch, seq] = text.slice(last, last + 64).split(FIELD)
    next = page(kysely, shard, { epoch: Number(epoch), seq: Number(seq) }, until)
    next.catch(() => undefined)
    yield text.split(LINE).map(rowOf)
  }
}

async function page(kysely: Kysely<Schema>, shard: number, after: Place, until: Place): Promise<string | null> {
  const { rows } = await kysely
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      // In the order of the primary key. Of a table that nobody has analysed yet Postgres would sort all that is left,
      // for each page.
      await sql`select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`.execute(
        trx,
      )
      return sql<{ lines: string | null }>`
        select string_agg(line, ${sql.lit(LINE)}) as lines from (
          select epoch || ${sql.lit(FIELD)} || ${lineOfRow} as line,
            sum(bytes) over (order by epoch, seq rows unbounded preceding) - bytes as bytes_before
          from events
          where shard = ${shard} and (epoch, seq) > (${after.epoch}, ${after.seq})
            and (epoch, seq) <= (${until.epoch}, ${until.seq})
          order by epoch, seq limit ${PAGE_EVENTS}
        ) as page
        where bytes_before < ${PAGE_BYTES}`.execute(trx)
    })
  return rows[0]!.lines
}

function rowOf(line: string): BulkRow {
  const fields = line.split(FIELD)
  const [epoch, seq, tenant, session, prev] = fields
  const marked = fields[9] === 'marked'
  const place = { epoch: Number(epoch), seq: Number(seq), tenant: tenant!, session: session!, prev: Number(prev) }
  return { ...place, marked, body: fields.length === FIELDS ? fields[11]! : null }
}
