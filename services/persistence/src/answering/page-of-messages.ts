import type { MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type LoadedSession, loadSession, type Schema } from '@spool/store'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { AnsweringContext } from './answers.ts'
import type { messagesAsk } from './ask.ts'
import { sessionStoodAt } from './stood-at.ts'

/** Of what is stored. It is in memory here, at the gateway and in between; NATS gives up a reader that 64 MB wait for. */
const PAGE_BYTES = 4 * 1024 ** 2

export interface PageOfMessages {
  readonly page: readonly MessageState[]
  /** `null`: there are no more for now. */
  readonly next: string | null
  /** After which position it begins. */
  readonly from: number
  readonly loaded: LoadedSession
}

/**
 * Messages that people are shown, in the order of the conversation, by where they began: so a page stays what it was,
 * whatever comes. What is asked of a model and has no word yet is nothing to show, and is never passed over. Where
 * messages are long there are fewer of them on a page.
 */
export async function pageOfMessages(
  context: AnsweringContext,
  { at, after, last, limit: wanted, ...ref }: z.output<typeof messagesAsk>,
): Promise<PageOfMessages | null> {
  const from = after ?? (last == null ? 0 : await beforeLast(context.kysely, ref, last))
  const limit = wanted == null ? null : await howManyFit(context.kysely, ref, from, wanted)
  const oneMore = limit == null ? null : limit + 1
  const loaded =
    at == null
      ? await loadSession(context.kysely, ref, { messages: { after: from, limit: oneMore }, finished: false })
      : await sessionStoodAt(context, ref, at, (messages) =>
          messages.filter((message) => isShown(message) && message.firstSeq > from).slice(0, oneMore ?? undefined),
        )
  if (loaded === null) return null
  const found = loaded.state.messages
  const page = found.filter(isBegun).slice(0, limit ?? undefined)
  const end = page.at(-1)
  const hasMore = limit != null && found.length > limit && end !== undefined
  return { page, next: hasMore ? String(end.firstSeq) : null, from, loaded }
}

/** At least one. */
async function howManyFit(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
  after: number,
  atMost: number,
): Promise<number> {
  const { rows } = await sql<{ fitting: number }>`
    select count(*)::integer as fitting from (
      select sum(bytes) over (order by first_seq) - bytes as bytes_before from (
        select first_seq, octet_length(state::text) as bytes from messages
        where tenant = ${tenant} and session = ${session} and shown and first_seq > ${after}
        order by first_seq limit ${atMost}
      ) as next
    ) as page
    where bytes_before < ${PAGE_BYTES}`.execute(kysely)
  const { fitting } = rows[0]!
  return fitting === 0 ? atMost : fitting
}

/** The position of the message before the last so many; 0: there are no more than that. */
async function beforeLast(kysely: Kysely<Schema>, { tenant, session }: SessionRef, count: number): Promise<number> {
  const before = await kysely
    .selectFrom('messages')
    .select('first_seq')
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .where('shown', '=', true)
    .orderBy('first_seq', 'desc')
    .offset(count)
    .limit(1)
    .executeTakeFirst()
  return before?.first_seq ?? 0
}

function isShown({ purpose }: MessageState): boolean {
  return purpose === null || purpose === 'answer'
}

function isBegun({ status }: MessageState): boolean {
  return status !== 'requested'
}
