import { isOpenMessage, type MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { messageLexemes } from './lexemes.ts'

/** What a message is found by, once it is finished. */
export interface SaidMessage extends SessionRef {
  readonly message: string
  readonly role: MessageState['role']
  /** Where its last event lies. */
  readonly seq: number
  readonly lexemes: string
}

/** Nothing of one that still streams, that people are not shown, or that has no words. */
export function saidOf({ tenant, session }: SessionRef, message: MessageState): SaidMessage[] {
  const isShown = message.purpose === null || message.purpose === 'answer'
  if (!isShown || isOpenMessage(message)) return []
  const lexemes = messageLexemes(tenant, message.text)
  if (lexemes === null) return []
  return [{ tenant, session, message: message.id, role: message.role, seq: message.lastSeq, lexemes }]
}

/** To be called once the events are stored: they say when. A message that is there never changes again. */
export async function writeTerms(trx: Kysely<Schema>, said: readonly SaidMessage[]): Promise<void> {
  if (said.length === 0) return
  const column = <Value>(value: (message: SaidMessage) => Value): Value[] => said.map(value)
  await sql`
    insert into message_terms (tenant, session, message, role, said_at, epoch, seq, terms)
    select said.tenant, said.session, said.message, said.role, coalesce(e.at, e.stored_at), e.epoch, e.seq, said.terms
    from unnest(
      ${column(({ tenant }) => tenant)}::text[], ${column(({ session }) => session)}::text[],
      ${column(({ message }) => message)}::text[], ${column(({ role }) => role)}::text[],
      ${column(({ seq }) => seq)}::bigint[], ${column(({ lexemes }) => lexemes)}::tsvector[]
    ) as said (tenant, session, message, role, seq, terms)
    join events e on e.tenant = said.tenant and e.session = said.session and e.seq = said.seq
    on conflict do nothing`.execute(trx)
}
