import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { newId } from '@spool/events'
import { ALL_PROJECTIONS, type Database, openDatabase, rebuild, type Rebuilt } from '@spool/store'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { remember } from './support/remembering.ts'
import { type Copy, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

const SPOOL = fileURLToPath(new URL('../../../packages/cli/bin/spool.mjs', import.meta.url))
const TABLES = ['sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts', 'message_terms', 'memories']

let system: System
let copy: Copy
let database: Database
beforeAll(async () => {
  system = await startSystem({ shards: 2 })
  copy = system.startCopy()
  database = openDatabase({ url: system.postgres.url, name: 'rebuilding', connections: 4, patient: true })
  await system.ready()
  for (const text of ['one', 'two']) await busySession(text)
  await caughtUp(system)
})
afterAll(async () => {
  await database.close()
  await system.stop()
})

const rebuildNow = (): Promise<Rebuilt> =>
  rebuild(database, { projections: ALL_PROJECTIONS, signal: new AbortController().signal })

/** Of everything something: what is finished, what waits, what is at work, what streams, and what does not parse. */
async function busySession(text: string): Promise<Conversation> {
  const conversation = new Conversation(system.log)
  await conversation.answer(20, text)
  await conversation.append('odd', Buffer.from('no JSON'))
  await conversation.say('custom.note', { data: text })
  const { run, message } = await conversation.begin(`${text} more`)
  await conversation.say('reasoning.delta', { run, message, sequence: 1, text: 'Well' })
  await conversation.delta(run, message, 1, `half of ${text}`)
  await conversation.finish(run, message, 1)
  const acting = await conversation.begin('Do it')
  await conversation.say('message.completed', { ...acting, status: 'complete', reason: 'tool_calls' })
  for (const call of [newId(), newId()]) {
    await conversation.say('tool.called', { run: acting.run, call, name: 'clock', input: {}, repeatable: true })
    await conversation.say('tool.started', { run: acting.run, call, attempt: 1, worker: 'w' })
    if (text === 'one') await conversation.say('tool.completed', { run: acting.run, call, output: 1, duration_ms: 1 })
  }
  await conversation.say('artifact.created', {
    run: acting.run,
    artifact: newId(),
    kind: 'document',
    title: text,
    filename: 'a.md',
    media_type: 'text/markdown',
    content: text,
  })
  if (text !== 'one') return conversation
  await conversation.say('confirmation.requested', {
    run: acting.run,
    confirmation: newId(),
    kind: 'tool',
    round: 1,
    prompt: 'Really?',
    tasks: [],
    hash: 'x',
    options: ['confirm', 'cancel'],
    timeout_seconds: 60,
    deadline: new Date(Date.now() + 3_600_000).toISOString(),
  })
  return conversation
}

type Contents = ReadonlyMap<string, ReadonlySet<string>>

/** All that the tables hold; the order in which the rows lie in them is nobody's business. */
async function contents(tables: readonly string[]): Promise<Contents> {
  const all = tables.map(async (table) => {
    // Up to where a finished message was folded says nothing any more.
    const whole = table === 'messages' ? '(tenant, session, id, first_seq, open, shown, state::text)' : 't'
    const rows = await system.sql<{ row: string }>(
      `select left(${whole}::text, 90) || '… ' || md5(${whole}::text) as row from ${table} t`,
    )
    return [table, new Set(rows.map(({ row }) => row))] as const
  })
  return new Map(await Promise.all(all))
}

/** The first few rows that only one of them has. */
function differences(before: Contents, after: Contents): string[] {
  const found = [...before].flatMap(([table, rows]) => [
    ...[...rows].filter((row) => !after.get(table)!.has(row)).map((row) => `${table} lacks ${row}`),
    ...[...after.get(table)!].filter((row) => !rows.has(row)).map((row) => `${table} has ${row}`),
  ])
  return found.slice(0, 5)
}

/** What a later migration, and whoever looks at the tables, finds of them. */
function shapes(): Promise<unknown[]> {
  return system.sql(
    `select c.relname, c.reloptions, c.relpersistence, obj_description(c.oid), c.relacl::text, c.relowner,
      (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod), 'no null',
        attnotnull, 'default', pg_get_expr(adbin, adrelid), 'storage', attstorage, 'comment',
        col_description(c.oid, attnum)) order by attnum)
        from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
      (select json_agg(pg_get_indexdef(indexrelid) order by indexrelid::regclass::text) from pg_index
        where indrelid = c.oid) as indexes,
      (select json_agg(conname || ' ' || pg_get_constraintdef(oid) order by conname) from pg_constraint
        where conrelid = c.oid) as constraints,
      (select json_agg(tgname) from pg_trigger where tgrelid = c.oid) as triggers
    from pg_class c where c.relname = any($1) and relnamespace = 'public'::regnamespace order by c.relname`,
    [TABLES],
  )
}

const generation = async (): Promise<number> =>
  (await system.sql<{ generation: number }>('select max(generation) as generation from projection'))[0]!.generation

/** Keeps somebody who reads from the snapshots in the way of the swap until `letGo`. */
async function readOn(): Promise<{ letGo(): Promise<void> }> {
  const client = new Client(system.postgres.url)
  await client.connect()
  await client.query('begin; select from sessions limit 1')
  return { letGo: () => client.end() }
}

const isFolded = async ({ session }: Conversation['ref']): Promise<boolean> =>
  (await system.sql('select from rebuilding.sessions where session = $1', [session])).length > 0

test('makes of tables that say anything what the events say, while more is stored and everything is read', async () => {
  await system.sql('grant select on messages to public; comment on table runs is $$what was asked$$')
  const [shapesBefore, before] = [await shapes(), await contents(['message_terms', 'memories'])]
  const wrong = [
    `update sessions set phase = 'acting', state = (state::jsonb || '{"title": "wrong"}')::json`,
    `update runs set open = not open`,
    `update messages set state = replace(state::text, 'word3', 'weird3')::json, as_of = 1`,
    `delete from messages where ctid in (select ctid from messages limit 3)`,
    `insert into messages select tenant, session, 'never', first_seq, open, as_of, shown, state from messages limit 1`,
    `delete from calls`,
    `update questions set deadline = now() - interval '1 day', open = false`,
    `insert into artifacts select tenant, 'nowhere', id, first_seq, state from artifacts`,
    `update message_terms set terms = 'weird'`,
  ]
  const wronged = new Conversation(system.log)
  const { run, message } = await wronged.begin()
  await wronged.delta(run, message, 1, 'What was said')
  await caughtUp(system)
  for (const statement of wrong) await system.sql(statement)
  await system.sql(`update messages set state = replace(state::text, 'was said', 'was not')::json`)
  // A service that remembers of a session what its wrong rows say.
  await copy.end()
  copy = system.startCopy()
  await wronged.delta(run, message, 2, ' before')
  const asked = new Conversation(system.log)
  await asked.answer(5)
  await caughtUp(system)
  // What streams at the moment of the swap, in sessions that the service knows and in such as it does not.
  const ending = new AbortController()
  const streaming = Array.from({ length: 2 }, async () => {
    for (let conversation = new Conversation(system.log); !ending.signal.aborted;) {
      await conversation.answer(100)
      if (Math.random() < 0.3) conversation = new Conversation(system.log)
    }
  })
  let answers = 0
  let longestMs = 0
  const reading = (async () => {
    for (; !ending.signal.aborted; answers++) {
      const atMs = performance.now()
      await system.queries.ask('session', asked.ref)
      longestMs = Math.max(longestMs, performance.now() - atMs)
    }
  })()
  const rebuilt = await rebuildNow()
    .then(async (result) => {
      const soMany = answers
      await until('it has gone on for a while', () => answers > soMany + 5)
      return result
    })
    .finally(() => ending.abort())
  await Promise.all([...streaming, reading])
  await wronged.finish(run, message, 2)
  await caughtUp(system)

  process.stdout.write(`${JSON.stringify({ ...rebuilt, answers, longestMs: Math.round(longestMs) })}\n`)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
  const after = await contents(['message_terms', 'memories'])
  const lost = differences(before, after).filter((difference) => difference.includes(' lacks '))
  expect(lost).toEqual([])
  expect(await shapes()).toEqual(shapesBefore)
  expect(rebuilt.blockedMs).toBeLessThan(3000)
  expect(copy.output()).not.toMatch(/"level":[56]0/)
})

test('changes nothing where nothing is wrong', async () => {
  const before = await contents(TABLES)
  const rebuilt = await rebuildNow()
  expect(differences(before, await contents(TABLES))).toEqual([])
  const [there] = await system.sql('select count(*) as events from events')
  expect(rebuilt).toMatchObject(there!)
})

test('leaves out what is erased meanwhile, and keeps what was remembered and only that', async () => {
  const user = newId()
  const kept = await remember(system, ['Likes tea'], { user })
  const gone = await remember(system, ['Likes coffee'], { user })
  const updated = await remember(system, ['Likes milk', { id: kept.ids[0]!, text: 'Likes green tea' }], { user })
  const [, forgotten] = [await caughtUp(system), updated.ids[0]!]
  const streaming = new Conversation(system.log)
  const { run, message } = await streaming.begin()
  await streaming.delta(run, message, 1, 'secret')
  await caughtUp(system)

  const reader = await readOn()
  const rebuilding = rebuildNow()
  await until('it has come to all of these', async () => {
    const all = [kept, gone, updated].map(({ conversation }) => conversation.ref)
    return (await Promise.all([...all, streaming.ref].map(isFolded))).every(Boolean)
  })
  const erase = (conversation: Conversation, memories: boolean) =>
    system.queries.ask('erase', { ...conversation.ref, by: 'user', memories }, 7000)
  await erase(streaming, false)
  await erase(gone.conversation, true)
  await erase(updated.conversation, false)
  expect(await system.queries.ask('forget', { tenant: 'acme', ids: [forgotten] }, 7000)).toEqual({ forgotten: 1 })
  const before = await contents(['memories'])
  await reader.letGo()
  await rebuilding

  expect(differences(before, await contents(['memories']))).toEqual([])
  const told = await system.queries.ask<{ memories: object[] }>('memories', { tenant: 'acme', limit: 100, user })
  expect(told.memories).toMatchObject([{ id: kept.ids[0], text: 'Likes green tea' }])
  for (const table of TABLES.filter((name) => name !== 'memories')) {
    const left = await system.sql(`select from ${table} natural join tombstones`)
    expect([table, left.length]).toEqual([table, 0])
  }
  // Once more: now they are erased before it begins.
  await rebuildNow()
  expect(differences(before, await contents(['memories']))).toEqual([])
})

test('does not keep those waiting who want to read, while somebody reads for long', async () => {
  const reader = await readOn()
  const rebuilding = rebuildNow()
  const ref = (await busySession('three')).ref
  await until('it is ready to swap', () => isFolded(ref))
  let longestMs = 0
  for (let n = 0; n < 30; n++) {
    const atMs = performance.now()
    await system.queries.ask('session', ref)
    longestMs = Math.max(longestMs, performance.now() - atMs)
  }
  expect(longestMs).toBeLessThan(3000)
  await reader.letGo()
  await rebuilding
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
})

test('goes on with one projection alone', async () => {
  await system.sql('delete from message_terms')
  await system.sql(`update sessions set phase = 'acting'`)
  const signal = new AbortController().signal
  await rebuild(database, { projections: ['search'], signal })
  const [found] = await system.sql<{ terms: number; wrong: number }>(
    `select (select count(*) from message_terms) as terms, (select count(*) from sessions where phase <> 'acting') as wrong`,
  )
  expect(found).toMatchObject({ terms: expect.toSatisfy((terms: number) => terms > 0), wrong: 0 })
  await rebuild(database, { projections: ['snapshots'], signal })
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
})

test('killed at any point, it leaves all as it was and soon nothing behind, and only one works at a time', async () => {
  const [before, generationBefore] = [await contents(TABLES), await generation()]
  const reader = await readOn()
  const killed = spoolRebuild()
  await until('it wants to swap', async () => (await system.sql(`select from rebuilding.sessions`)).length > 3)
  // Another one beside it.
  await expect(rebuildNow()).rejects.toThrow(/^Somebody else rebuilds/)
  killed.child.kill('SIGKILL')
  await killed.ended
  await reader.letGo()
  expect(differences(before, await contents(TABLES))).toEqual([])
  expect(await generation()).toBe(generationBefore)

  // Else what is erased from now on would stay there until somebody rebuilds again.
  await until('what it had made is gone', async () => {
    const left = await system.sql(`select from pg_namespace where nspname = 'rebuilding'`)
    return left.length === 0
  })
  const { code, output } = await spoolRebuild().ended
  expect(code).toBe(0)
  expect(output).toMatchObject({
    projections: ['snapshots', 'search', 'memories'],
    events: expect.any(Number),
    sessions: expect.any(Number),
    seconds: expect.any(Number),
    events_per_second: expect.any(Number),
    blocked_ms: expect.any(Number),
  })
  expect(differences(before, await contents(TABLES))).toEqual([])
  expect(await generation()).toBe(generationBefore + 1)
  expect(await system.sql(`select from pg_namespace where nspname = 'rebuilding'`)).toHaveLength(0)
})

test('does not take away what others have built on the tables', async () => {
  await system.sql('create view titles as select state from sessions')
  await expect(rebuildNow()).rejects.toThrow(/view titles/)
  await system.sql('drop view titles')
})

test('a newer release that migrates the tables meanwhile does not lose what it has added to them', async () => {
  const holder = new Client(system.postgres.url)
  await holder.connect()
  await holder.query('begin; lock table events')
  const refused = expect(rebuildNow()).rejects.toThrow(/0999_colours/)
  await until(
    'the new tables are there',
    async () => (await system.sql('select from rebuilding.memories')).length === 0,
  )
  await holder.query('alter table sessions add column colour text')
  await holder.query(`insert into kysely_migration values ('0999_colours', now())`)
  await holder.query('commit')
  await holder.end()
  await refused
  await expect(rebuildNow()).rejects.toThrow(/0999_colours/)
  await system.sql('alter table sessions drop column colour')
  await system.sql(`delete from kysely_migration where name = '0999_colours'`)
})

/** As an operator types it. */
function spoolRebuild() {
  const env = { ...process.env, DATABASE_URL: system.postgres.url }
  const child = spawn(process.execPath, [SPOOL, 'rebuild', '--json'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    output: text === '' ? null : (JSON.parse(text) as unknown),
  }))
  return { child, ended }
}
