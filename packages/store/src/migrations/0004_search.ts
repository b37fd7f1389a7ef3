import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { type StoredMessage, withText } from '../folding/stored-message.ts'
import { saidOf, type SaidMessage, writeTerms } from '../storing/write-terms.ts'

const ROWS_AT_A_TIME = 500

/*
 * A row for each message that people were shown, written once, when the message is finished: so nothing here is touched
 * by a message that streams, and what is searched lies closer together than the messages. The tenant is a lexeme of the
 * terms: a word that is common among all tenants costs each of them only what it has said itself.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`
    create table message_terms (
      tenant text not null,
      session text not null,
      message text not null,
      role text not null,
      said_at timestamptz not null,
      epoch integer not null,
      seq bigint not null,
      terms tsvector not null,
      primary key (tenant, session, message)
    )`.execute(kysely)
  await sql`comment on column message_terms.seq is 'where the message ended, as said_at is when'`.execute(kysely)
  // What waits to be sorted into it is looked through by every search.
  await sql`create index message_terms_by_term on message_terms using gin (terms)
    with (gin_pending_list_limit = 512)`.execute(kysely)
  await sql`create index message_terms_newest_first on message_terms
    (tenant, said_at desc, message desc, session desc)`.execute(kysely)
  await fill(kysely)
}

async function fill(kysely: Kysely<Schema>): Promise<void> {
  let last = { tenant: '', session: '', id: '' }
  for (;;) {
    const { rows } = await sql<{ tenant: string; session: string; id: string; state: StoredMessage }>`
      select tenant, session, id, state from messages
      where (tenant, session, id) > (${last.tenant}, ${last.session}, ${last.id}) and shown and not open
      order by tenant, session, id limit ${ROWS_AT_A_TIME}`.execute(kysely)
    const said = rows.flatMap(({ tenant, session, state }): SaidMessage[] =>
      saidOf({ tenant, session }, withText(state)),
    )
    await writeTerms(kysely, said)
    if (rows.length < ROWS_AT_A_TIME) return
    last = rows.at(-1)!
  }
}
