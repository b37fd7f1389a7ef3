import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { sessionKey } from '../loading/open-sessions.ts'
import { fillSessions, type OnFolded } from './fill-tables.ts'

/** Up to where each shard is stored. */
export type Places = ReadonlyMap<number, { readonly epoch: number; readonly seq: number }>

export async function readPlaces(kysely: Kysely<Schema>): Promise<Places> {
  const rows = await kysely.selectFrom('projection').select(['shard', 'epoch', 'seq']).execute()
  return new Map(rows.map(({ shard, epoch, seq }) => [shard, { epoch, seq }]))
}

/** Folds what was stored after some places and up to others. Returns how many events that were. */
export async function catchUp(kysely: Kysely<Schema>, from: Places, to: Places, onFolded: OnFolded): Promise<number> {
  const sessions = new Map<string, SessionRef>()
  for (const [shard, { epoch, seq }] of to) {
    const after = from.get(shard) ?? { epoch: 0, seq: 0 }
    const { rows } = await sql<SessionRef>`
      select distinct tenant, session from events
      where shard = ${shard} and (epoch, seq) > (${after.epoch}, ${after.seq}) and (epoch, seq) <= (${epoch}, ${seq})
        and on_chain`.execute(kysely)
    for (const row of rows) sessions.set(sessionKey(row), row)
  }
  let events = 0
  await fillSessions(kysely, [...sessions.values()], (filled) => {
    events += filled.events
    onFolded(filled)
  })
  return events
}
