import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { LINE, lineOfRow } from './event-lines.ts'

/** Positions per block: small enough that a block of the largest events fits into memory. */
export const BLOCK = 512
const BLOCKS_ASKED = 40

export interface StoredBlock {
  readonly count: number
  /** Those that are kept and not folded. */
  readonly marked: number
  readonly digest: string
}

/** What one shard's rows of one epoch say, block by block; the next blocks are asked for before they are needed. */
export class BlockDigests {
  private readonly asked = new Map<number, Promise<StoredBlock[]>>()

  constructor(
    private readonly kysely: Kysely<Schema>,
    private readonly place: {
      readonly shard: number
      readonly epoch: number
      readonly after: number
      readonly until: number
    },
  ) {}

  async of(block: number): Promise<StoredBlock> {
    const group = Math.floor(block / BLOCKS_ASKED)
    const answer = this.ask(group)
    if (group + 1 <= Math.floor(blockOf(this.place.until) / BLOCKS_ASKED)) this.ask(group + 1)
    for (const earlier of this.asked.keys()) if (earlier < group) this.asked.delete(earlier)
    return (await answer)[block - group * BLOCKS_ASKED]!
  }

  private ask(group: number): Promise<StoredBlock[]> {
    let answer = this.asked.get(group)
    if (answer === undefined) {
      answer = this.read(group * BLOCKS_ASKED)
      // Whoever needs it hears of it then.
      answer.catch(() => undefined)
      this.asked.set(group, answer)
    }
    return answer
  }

  private async read(first: number): Promise<StoredBlock[]> {
    const { shard, epoch, after, until } = this.place
    const blocks = Array.from({ length: BLOCKS_ASKED }, (_, index) => rangeOf(first + index, after, until))
    const { rows } = await sql<StoredBlock>`
      select d.count, d.marked, d.digest
      from unnest(${blocks.map((block) => block.after)}::bigint[], ${blocks.map((block) => block.until)}::bigint[])
        with ordinality as block (after, until, n)
      cross join lateral (
        select count(*) as count, count(*) filter (where marked) as marked,
          md5(coalesce(string_agg(line, ${sql.lit(LINE)}), '')) as digest
        from (
          select ${lineOfRow} as line, not on_chain or problem is not null as marked from events
          where shard = ${shard} and epoch = ${epoch} and seq > block.after and seq <= block.until
          order by seq
        ) as rows
      ) as d
      order by block.n`.execute(this.kysely)
    return rows
  }
}

export function blockOf(seq: number): number {
  return Math.floor((seq - 1) / BLOCK)
}

/** Of a block what lies within `(after, until]`. */
export function rangeOf(block: number, after: number, until: number): { after: number; until: number } {
  return { after: Math.max(block * BLOCK, after), until: Math.min((block + 1) * BLOCK, until) }
}

/** The rows of a range one by one, by the digest of each. */
export async function rowDigests(
  kysely: Kysely<Schema>,
  place: { readonly shard: number; readonly epoch: number; readonly after: number; readonly until: number },
): Promise<{ seq: number; tenant: string; session: string; digest: string }[]> {
  const { rows } = await sql<{ seq: number; tenant: string; session: string; digest: string }>`
    select seq, tenant, session, md5(${lineOfRow}) as digest from events
    where shard = ${place.shard} and epoch = ${place.epoch} and seq > ${place.after} and seq <= ${place.until}
    order by seq`.execute(kysely)
  return rows
}
