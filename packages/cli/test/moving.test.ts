import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatCursor, newId, type SessionState } from '@spool/events'
import { ArchiveOverNats, Blobs, Bus, endInStream, Log, logStreamName, Queries, type SessionRef } from '@spool/log'
import { exportSession, openDatabase } from '@spool/store'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from '../../../services/persistence/test/support/caught-up.ts'
import { Conversation } from '../../../services/persistence/test/support/conversation.ts'
import { startSystem, type System } from '../../../services/persistence/test/support/system.ts'
import { until } from '../../../services/persistence/test/support/until.ts'
import { spoolWith } from './support/run-spool.ts'

const folder = mkdtempSync(join(tmpdir(), 'spool-moving-'))
const file = join(folder, 'acme.jsonl')
const SPOOL = fileURLToPath(new URL('../bin/spool.mjs', import.meta.url))

let source: System
let target: SpoolUnderTest
let here: ReturnType<typeof spoolWith>
let there: ReturnType<typeof spoolWith>
let bus: Bus
let log: Log
const sessions: Conversation[] = []

beforeAll(async () => {
  ;[source, target] = await Promise.all([startSystem(), startSpool()])
  source.startCopy()
  await Promise.all([source.ready(), target.waitReady()])
  here = spoolWith({ NATS_URL: source.nats.url, DATABASE_URL: source.postgres.url, SPOOL_DATA: '/nowhere' })
  there = spoolWith({ SPOOL_DATA: target.dataFolder })
  bus = await Bus.connect({
    servers: JSON.parse(readFileSync(join(target.dataFolder, 'run/connections.json'), 'utf8')).natsUrl,
    name: 'test',
  })
  log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
  await writeSessions()
  await caughtUp(source)
})
afterAll(async () => {
  await bus.close()
  await Promise.all([source.stop(), target.stop()])
  rmSync(folder, { recursive: true, force: true })
})

const usage = { input_tokens: 1, output_tokens: 1 }
/** Long past when this is read anywhere else. */
const LONG_AGO = new Date(0)

async function writeSessions(): Promise<void> {
  const plain = await told('plain')
  await plain.answer(200)
  await plain.say('session.titled', { title: 'with \u0000 and \ud800' })
  await summarised()
  await withTools()
  await waiting()
  await odd()
  const forked = await told('copy')
  await forked.say('session.forked', {
    from_session: 'summarised',
    from_cursor: formatCursor({ epoch: 1, seq: sessions[1]!.seq }),
  })
}

async function told(session: string): Promise<Conversation> {
  const conversation = new Conversation(source.log, session)
  sessions.push(conversation)
  return conversation
}

async function summarised(): Promise<void> {
  const conversation = await told('summarised')
  await conversation.answer(3)
  const up_to = formatCursor({ epoch: 1, seq: conversation.seq })
  await conversation.say('session.summarised', { up_to, text: 'They greeted.', messages: 2 })
  await conversation.answer(3)
}

async function withTools(): Promise<void> {
  const conversation = await told('tools')
  const blob = await new Blobs(source.bus).put(conversation.ref, Buffer.alloc(300_000, 'b'), 'text/plain')
  const { run, message } = await conversation.begin()
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'tool_calls', usage })
  const call = newId()
  await conversation.say('tool.called', { run, call, name: 'fetch', input: { url: 'x' }, repeatable: true })
  await conversation.say('tool.started', { run, call, attempt: 1, worker: 'w' })
  await conversation.say('tool.completed', { run, call, output: 'b', blob, duration_ms: 3 })
  await conversation.say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 5 })
}

/** A run that is long over its time and a question that is long past its deadline, and nobody has closed them. */
async function waiting(): Promise<void> {
  const conversation = await told('waiting')
  const limits = { wall_clock_seconds: 1 }
  const { run, message } = await conversation.begin('Shall I?', { limits, memory: 'on' })
  for (let n = 1; n <= 300; n++) await conversation.delta(run, message, n, `word${n} `)
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop', usage })
  await conversation.say('confirmation.requested', {
    run,
    confirmation: newId(),
    kind: 'plan',
    round: 1,
    prompt: 'Shall I?',
    tasks: [],
    hash: 'h',
    options: ['confirm', 'cancel'],
    timeout_seconds: 1,
    deadline: LONG_AGO.toISOString(),
  })
}

async function odd(): Promise<void> {
  const conversation = await told('odd')
  await conversation.append('text.delta', Buffer.from('no json \n at all'))
  await conversation.append('text.delta', Buffer.from([0xff, 0x00, 0x0a]))
  await conversation.append(
    'custom.odd',
    Buffer.from('{ "v": 1, "type": "custom.odd",\n "at": "2026-01-01T00:00:00.000Z", "n": 1.0 }'),
  )
  await conversation.append('from.the.future', Buffer.from('{"type":"from.the.future","body":{"x":"\\ud800\\u0000"}}'))
  await conversation.answer(3)
}

/** A state without what says where it lies. */
function withoutPlaces(state: SessionState | null): unknown {
  return JSON.parse(
    JSON.stringify(state, (name, value: unknown) =>
      /seq$/i.test(name) || ['up_to', 'cursor'].includes(name) ? undefined : value,
    ),
  )
}

function stateThere(session: string, tenant = 'acme'): Promise<SessionState | null> {
  return log.archive.state({ tenant, session })
}

test('an import that is killed in the middle, looked at by the sweep, and gone from the log, goes on where it was, and all is as it was', async () => {
  const exported = await here('export', '--tenant', 'acme', '--out', file, '--json')
  expect([exported.code, exported.documents]).toEqual([
    0,
    [{ file, sessions: 6, events: expect.any(Number), blobs: 1, behind: 0, broken: [] }],
  ])

  const killed = spawn(process.execPath, [SPOOL, 'import', file], {
    env: { ...process.env, SPOOL_DATA: target.dataFolder },
  })
  const gone = once(killed, 'exit')
  const ref = { tenant: 'acme', session: 'waiting' }
  await until('it is in the midst of an answer', async () => (await endInStream(log, ref))?.type === 'text.delta')
  killed.kill('SIGKILL')
  await gone
  const handedOn = await runsHandedOn()
  await until('its run, which is over its time, was handed on', async () => (await runsHandedOn()) > handedOn)
  await leavesTheLog()
  const again = await there('import', file, '--json')
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(again.documents[0]).toMatchObject({ sessions: 6, closed: 3, missing_blobs: 0 })

  const verified = await there('verify', '--json')
  expect([verified.code, verified.documents[0]]).toEqual([0, expect.objectContaining({ sessions: 6, differences: [] })])
  for (const { ref: at } of sessions) {
    if (at.session === 'waiting') continue
    const was = await source.archive.state(at)
    expect(withoutPlaces(await stateThere(at.session)), at.session).toEqual(withoutPlaces(was))
  }
})

test('an export is for nobody else to read, and is not written through a link that lies where it begins', async () => {
  const [mine, theirs] = [join(folder, 'mine.jsonl'), join(folder, 'theirs')]
  writeFileSync(theirs, 'theirs')
  symlinkSync(theirs, `${mine}.part`)
  expect((await here('export', '--session', 'plain', '--tenant', 'acme', '--out', mine)).code).toBe(0)
  expect(statSync(mine).mode & 0o777).toBe(0o600)
  expect(readFileSync(theirs, 'utf8')).toBe('theirs')
})

test('what was open is closed as partial and does not go on; positions inside bodies are those of here', async () => {
  const state = (await stateThere('waiting'))!
  expect(state).toMatchObject({
    phase: 'idle',
    question: null,
    questions: [{ resolution: { action: 'cancel', by: 'spool import' } }],
    runs: [
      { status: 'cancelled', cancelled: { by: 'spool import', reason: 'imported' }, memoryState: { status: 'failed' } },
    ],
  })
  const summarisedState = (await stateThere('summarised'))!
  const { up_to } = summarisedState.summary!
  const [, second] = summarisedState.runs
  expect(Number(up_to.split('-')[1])).toBeLessThan(second!.firstSeq)
  expect(Number(up_to.split('-')[1])).toBeGreaterThanOrEqual(summarisedState.messages[1]!.firstSeq)
  expect((await stateThere('copy'))!.forkedFrom?.cursor).toBe(
    formatCursor({ epoch: 1, seq: summarisedState.runs[1]!.lastSeq! }),
  )
  const { blob } = (await stateThere('tools'))!.calls[0]!
  expect((await new Blobs(bus).get({ tenant: 'acme', session: 'tools' }, blob!))?.size).toBe(300_000)
})

test('imported again, nothing is changed; exported from there, every event has the body it had', async () => {
  const before = await log.lastPosition({ tenant: 'acme', session: 'waiting' })
  const again = await there('import', file, '--json')
  expect([again.code, again.documents[0]]).toEqual([
    0,
    expect.objectContaining({ were_there: 6, imported: 0, went_on: 0 }),
  ])
  expect(await log.lastPosition({ tenant: 'acme', session: 'waiting' })).toBe(before)

  const back = await there('export', '--session', 'odd', '--tenant', 'acme')
  const first = await here('export', '--session', 'odd', '--tenant', 'acme')
  expect(bodies(back.stdout)).toEqual(bodies(first.stdout))
})

test('under another id it is another session, whose events have ids of their own; one that is there is refused', async () => {
  const one = join(folder, 'one.jsonl')
  await here('export', '--session', 'plain', '--tenant', 'acme', '--out', one)
  const elsewhere = await there('import', one, '--tenant', 'default', '--session', 'another', '--json')
  expect([elsewhere.code, elsewhere.documents[0]]).toEqual([0, expect.objectContaining({ imported: 1, events: 208 })])
  expect(withoutPlaces(await stateThere('another', 'default'))).toEqual(
    withoutPlaces(await source.archive.state(sessions[0]!.ref)),
  )
  const page = (await (
    await fetch(`${target.url}/v1/sessions/another/messages`, { headers: { authorization: `Bearer ${target.key}` } })
  ).json()) as { messages: { text: string }[] }
  expect(page.messages.map(({ text }) => text.length)).toEqual([5, expect.any(Number)])

  const refused = await there('import', one, '--session', 'odd', '--tenant', 'acme')
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('There is a session odd of the tenant acme already, and it is another one'),
  ])

  const headers = { authorization: `Bearer ${target.key}` }
  await fetch(`${target.url}/v1/sessions/another`, { method: 'DELETE', headers })
  const erased = await there('import', one, '--tenant', 'default', '--session', 'another')
  expect([erased.code, erased.stderr]).toEqual([
    1,
    expect.stringContaining('was erased here, and its id is refused for good'),
  ])
  expect((await there('verify')).code).toBe(0)
})

test.each([
  [
    'cut short in a session',
    (lines: string[]) => lines.slice(0, lines.findIndex((line) => line.includes('"session":"plain"')) + 50),
    /line \d+: the file was cut short in session plain/,
  ],
  ['cut short between two', (lines: string[]) => lines.slice(0, -1), /the file was cut short: sessions may be missing/],
  [
    'without an event',
    (lines: string[]) => lines.toSpliced(5, 1),
    /line 6: event 1-\d+ follows \d+, but the one before it is \d+: the chain is broken/,
  ],
  [
    'with another word in a body',
    (lines: string[]) => lines.map((line) => line.replace('word2 ', 'ward2 ')),
    /were changed: their digest is another one/,
  ],
  [
    'with a body that does not parse',
    (lines: string[]) => lines.map((line) => line.replace('"sequence":2', '"sequence":"two"')),
    /line \d+: its body does not parse: sequence/,
  ],
  [
    'with other bytes in a blob',
    (lines: string[]) => lines.map((line) => line.replace('"kind":"chunk","data":"Ym', '"kind":"chunk","data":"Yn')),
    /line \d+: blob \w+ is not what it was/,
  ],
  [
    'with a type of two lines',
    (lines: string[]) =>
      lines.map((line) => line.replace('"type":"from.the.future"', '"type":"from.the\\r\\nfuture","problem":"x"')),
    /line \d+: its type is missing, or is not what it must be/,
  ],
  [
    'with a trace that has no end',
    (lines: string[]) => lines.map((line) => line.replace('"stored_at"', `"trace":"${'0'.repeat(2000)}","stored_at"`)),
    /line \d+: its trace is missing, or is not what it must be/,
  ],
  ['of something else', () => ['hello'], /line 1: it is no export of Spool/],
])('a file %s is refused, with the line, and nothing is changed', async (what, change, says) => {
  const changed = join(folder, 'changed.jsonl')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  writeFileSync(changed, `${change(lines).join('\n')}\n`)
  const { code, stderr } = await there('import', changed, '--tenant', 'fresh')
  expect([code, stderr], what).toEqual([1, expect.stringMatching(says)])
  expect(stderr).toContain('Nothing was imported.')
  expect(await endInStream(log, { tenant: 'fresh', session: 'copy' })).toBeNull()
})

test('of a session with a blob that is not whole any more, all else is exported', async () => {
  const { ref, blob } = await artifactWith(async (session, blobs) => {
    const id = await blobs.put(session, Buffer.alloc(300_000, 'x'), 'text/plain')
    const filter = `$O.BLOBS.C.${session.tenant}.${session.session}.${id}`
    await source.bus.jsm.streams.purge('OBJ_BLOBS', { filter, keep: 1 })
    return id
  })
  await caughtUp(source)
  const { code, stdout } = await here('export', '--session', ref.session, '--tenant', ref.tenant)
  expect([code, stdout.includes(`{"kind":"missing_blob","blob":"${blob}"}`)]).toEqual([0, true])
})

test('a blob that comes to Postgres and leaves NATS while its session is exported is in the export', async () => {
  const database = openDatabase({ url: source.postgres.url, name: 'export', connections: 3 })
  const letGo = Promise.withResolvers<void>()
  const isHeld = Promise.withResolvers<void>()
  const held = database.kysely.transaction().execute(async (trx) => {
    await sql`lock table blob_chunks in share mode`.execute(trx)
    isHeld.resolve()
    await letGo.promise
  })
  await isHeld.promise
  const { ref, blob } = await artifactWith((session, blobs) => blobs.put(session, Buffer.from('text'), 'text/plain'))
  await caughtUp(source)
  const lines: string[] = []
  const leaves = async () => {
    letGo.resolve()
    await held
    const copied = 'select from blobs where id = $1 and copied_at is not null'
    await until('it is copied', async () => (await source.sql(copied, [blob])).length === 1)
    await new Blobs(source.bus).leave(ref, blob)
    return new Blobs(source.bus).open(ref, blob)
  }
  await exportSession(database.kysely, ref, leaves, async (line) => void lines.push(line))
  await database.close()
  expect(lines).toContain(JSON.stringify({ kind: 'chunk', data: Buffer.from('text').toString('base64') }))
})

test.each<[string, { type: string; body?: string; problem?: string }]>([
  ['says so', { type: 'session.erased' }],
  ['says so beside a body that says something else', { type: 'session.erased', body: 'session.titled', problem: 'x' }],
  ['has it in a body only', { type: 'custom.x', body: 'session.erased', problem: 'x' }],
])('an event that %s erases nothing here', async (_what, { type, body = type, problem }) => {
  const ref = { tenant: 'victim', session: newId() }
  const at = new Date().toISOString()
  const events = ['session.titled', type].map((of, index) => ({
    kind: 'event',
    epoch: 1,
    seq: index + 1,
    prev: index,
    id: newId(),
    type: of,
    stored_at: at,
    ...(index === 1 && problem !== undefined && { problem }),
    body: { v: 1, type: index === 0 ? of : body, at, title: 'A title', by: 'a file' },
  }))
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const sha256 = createHash('sha256').update(lines).digest('hex')
  const end = { kind: 'end', session: ref.session, events: 2, blobs: 0, last: '1-2', left_out: 0, sha256 }
  const hostile = join(folder, 'hostile.jsonl')
  const header = { spool_export: 1, tenant: ref.tenant, session: null, exported_at: at }
  const begin = { kind: 'session', session: ref.session }
  const done = { kind: 'done', sessions: 1, events: 2 }
  const [first, second, ...rest] = [header, begin, end, done].map((line) => `${JSON.stringify(line)}\n`)
  writeFileSync(hostile, [first, second, lines, ...rest].join(''))
  const { code, stderr } = await there('import', hostile)
  expect([code, stderr]).toEqual([1, expect.stringMatching(/line 4: it erases its session.*Nothing was imported/)])
  expect(await endInStream(log, ref)).toBeNull()
})

test.each([
  ['in the middle', 3, /at 1-\d+: it follows \d+, but its chain ended at \d+/],
  ['at its beginning', 8, /at 1-\d+: it follows \d+, but nothing of it is stored before that/],
  ['at its end', 0, /behind \d+: it should go on to \d+/],
])(
  'a session that lacks a stored event %s is left out of an export, named, and the rest of its tenant comes',
  async (_where, back, says) => {
    const tenant = newId()
    const kept = new Conversation(source.log, newId(), tenant)
    const broken = new Conversation(source.log, newId(), tenant)
    await Promise.all([kept.answer(2), broken.answer(2)])
    await caughtUp(source)
    const { session } = broken.ref
    await source.sql('alter table events disable trigger all')
    await source.sql(
      'delete from events where seq = (select seq from events where session = $1 order by seq desc offset $2 limit 1)',
      [session, back],
    )
    await source.sql('alter table events enable trigger all')

    const out = join(folder, 'yesterday.jsonl')
    writeFileSync(out, 'yesterday')
    const { code, stderr, documents } = await here('export', '--tenant', tenant, '--out', out, '--json')
    expect([code, documents]).toEqual([
      1,
      [expect.objectContaining({ file: `${out}.incomplete`, sessions: 1, broken: [session] })],
    ])
    expect(stderr).toMatch(says)
    expect(stderr).toContain(`spool verify --session ${session} --tenant ${tenant}`)
    expect(readFileSync(out, 'utf8')).toBe('yesterday')
    const imported = await there('import', `${out}.incomplete`)
    expect([imported.code, imported.stderr]).toEqual([0, expect.stringContaining(session)])

    const alone = await here('export', '--tenant', tenant, '--session', session)
    expect([alone.code, alone.stdout, alone.stderr]).toEqual([1, '', expect.stringMatching(says)])
  },
)

test('it asks in a way that is understood', async () => {
  expect((await here('export')).code).toBe(2)
  expect((await here('export', '--session', 'a b')).code).toBe(2)
  expect((await there('import')).code).toBe(2)
  expect((await there('import', file, '--session', 'one')).code).toBe(2)
  expect((await there('import', join(folder, 'nowhere'))).stderr).toContain('cannot be read')
  expect((await here('export', '--session', 'nobody')).stderr).toContain('There is no session nobody')
})

async function runsHandedOn(): Promise<number> {
  return (await bus.jsm.consumers.info('WORK', 'run')).delivered.consumer_seq
}

/** As when the hot window has passed: what has come there so far is read from Postgres. */
async function leavesTheLog(): Promise<void> {
  const heights = await log.archive.heights()
  await Promise.all(
    heights.map((height, shard) =>
      bus.jsm.streams.purge(logStreamName(shard, log.subjects.shards), { seq: height + 1 }),
    ),
  )
}

/** Of an export, what its events were. */
function bodies(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.includes('"kind":"event"') && !line.includes('session.imported'))
    .map((line) => line.replace(/^.*?"(raw|text|body)":/, '"$1":'))
}

/** A session whose one artifact is a blob. */
async function artifactWith(put: (session: SessionRef, blobs: Blobs) => Promise<string>) {
  const conversation = new Conversation(source.log)
  const { ref } = conversation
  const { run } = await conversation.begin()
  const blob = await put(ref, new Blobs(source.bus))
  const about = { kind: 'document', title: 'a', filename: 'a.txt', media_type: 'text/plain' }
  await conversation.say('artifact.created', { run, artifact: newId(), ...about, blob })
  return { ref, blob }
}
