import { type Cursor, emptySession, isOpenMessage, type MessageState, type SessionState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { withText } from '../folding/stored-message.ts'
import { chainRows } from './chain-rows.ts'
import { foldRow } from './fold-text.ts'
import { inOneView } from './in-one-view.ts'
import type { LoadedSession } from './whole-session.ts'

/** Of all messages, in their order and without a text, those that are wanted. */
export type Select = (messages: readonly MessageState[]) => readonly MessageState[]

/**
 * A session as it stood at one of its events: the fold of its chain up to there. What was finished then has never
 * changed since, so the texts of such messages come from their rows, and deltas are folded only where a message was
 * open: a long session costs little more than what else has happened in it.
 */
export function loadSessionAt(
  kysely: Kysely<Schema>,
  ref: SessionRef,
  at: Cursor,
  select: Select,
): Promise<LoadedSession> {
  return inOneView(kysely, async (trx) => {
    const outline = await foldOutline(trx, ref, at.seq)
    const open = outline.messages.find(isOpenMessage)
    const state = open === undefined ? outline : await foldFrom(trx, ref, open.firstSeq, at.seq)
    // Whatever was finished before the oldest that is open has no text yet.
    const upTo = open?.firstSeq ?? Infinity
    const messages = await withTexts(trx, ref, select(state.messages), upTo)
    return { state: { ...state, seq: at.seq, messages }, epoch: at.epoch }
  })
}

/** All but the texts. */
async function foldOutline(trx: Transaction<Schema>, ref: SessionRef, until: number): Promise<SessionState> {
  let state = emptySession()
  for await (const row of chainRows(trx, ref, { after: 0, until, deltas: false })) state = foldRow(state, row)
  return state
}

/** All but the texts that were whole before `from`. */
async function foldFrom(trx: Transaction<Schema>, ref: SessionRef, from: number, until: number): Promise<SessionState> {
  let state = await foldOutline(trx, ref, from - 1)
  for await (const row of chainRows(trx, ref, { after: from - 1, until, deltas: true })) state = foldRow(state, row)
  return state
}

async function withTexts(
  trx: Transaction<Schema>,
  { tenant, session }: SessionRef,
  messages: readonly MessageState[],
  before: number,
): Promise<MessageState[]> {
  const ids = messages.filter(({ firstSeq }) => firstSeq < before).map(({ id }) => id)
  if (ids.length === 0) return [...messages]
  const rows = await trx
    .selectFrom('messages')
    .select(['id', 'state'])
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .where('id', 'in', ids)
    .where('open', '=', false)
    .execute()
  const stored = new Map(rows.map(({ id, state }) => [id, state]))
  return messages.map((message) => {
    if (message.firstSeq >= before) return message
    const state = stored.get(message.id)
    if (state === undefined) throw new Error(`The snapshot of message ${message.id} is missing: run spool verify.`)
    return withText(state)
  })
}
