import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, Log, Queries } from '@spool/log'
import { type Database, migrate, openDatabase } from '@spool/store'
import { type RunningNats, type RunningPostgres, startNats, startPostgres } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spoolWith } from './support/run-spool.ts'

const SPOOL = fileURLToPath(new URL('../bin/spool.mjs', import.meta.url))

let nats: RunningNats
let postgres: RunningPostgres
let database: Database
let bus: Bus
const folder = mkdtempSync(join(tmpdir(), 'spool-test-'))

beforeAll(async () => {
  ;[nats, postgres] = await Promise.all([startNats(), startPostgres()])
  database = openDatabase({ url: postgres.url, name: 'test', connections: 2 })
  await migrate(database.kysely)
  bus = await Bus.connect({ servers: nats.url, name: 'test' })
})

afterAll(async () => {
  await Promise.all([bus?.close(), database?.close()])
  await Promise.all([nats?.stop(), postgres?.stop()])
  rmSync(folder, { recursive: true })
})

const spool = (...args: string[]) => spoolWith({ NATS_URL: nats.url, DATABASE_URL: postgres.url })('log', ...args)
const open = () => Log.open(bus, new ArchiveOverNats(new Queries(bus)))
const logOf = ({ documents }: { documents: Record<string, unknown>[] }) =>
  documents.find(({ kind }) => kind === 'log') ?? {}

async function storedUpTo(place: { epoch: number; seq: number; event_id: string }): Promise<void> {
  const stored = { shard: 0, ...place }
  await database.kysely
    .insertInto('projection')
    .values(stored)
    .onConflict((conflict) => conflict.column('shard').doUpdateSet(stored))
    .execute()
}

/** Resolves with the position. */
async function append(body: Uint8Array): Promise<number> {
  const writer = new ChainWriter(await open(), { tenant: 'test', session: newId() }, 0)
  await writer.append({ id: newId(), type: 'custom.note', body })
  return writer.position
}

test('a NATS that has lost everything is made anew, in an epoch behind all that is stored', async () => {
  await storedUpTo({ epoch: 3, seq: 500, event_id: newId() })
  const before = await spool('status', '--json')
  expect(before.code).toBe(1)
  expect(logOf(before)).toEqual({ kind: 'log', shard: 0, missing: true })
  const restored = await spool('restore', '--yes', '--json')
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('made anew') })
  expect(restored.documents).toEqual([
    { shard: 0, epoch: 4, first: 1_000_500, saved: 0, file: null, processes_told: 0 },
  ])
  expect(await append(Buffer.from('{}'))).toBe(1_000_500)
  expect(logOf(await spool('status', '--json'))).toMatchObject({
    epoch: 4,
    first: 1_000_500,
    messages: 1,
    diverged: null,
    checkpoint: { epoch: 3, seq: 500 },
    lag_events: 1,
  })
})

test('a log that is the stored one is left alone; a new epoch can be forced once all of it is stored', async () => {
  expect(await spool('restore', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nothing was done'),
  })
  const { last_seq: seq } = (await bus.jsm.streams.info('LOG')).state
  const id = (await bus.jsm.streams.getMessage('LOG', { seq }))!.header.get('Spool-Id')
  await storedUpTo({ epoch: 4, seq, event_id: id })
  const save = join(folder, 'forced')
  const [forced] = (await spool('restore', '--yes', '--force', '--save', save, '--json')).documents
  expect(forced).toMatchObject({ epoch: 5, first: seq + 1_000_000 })
})

test('what is not stored is in a file for its owner alone, verbatim, before it goes', async () => {
  const text = '{"a": "\\u0000 ü"}'
  const seq = await append(Buffer.from(text))
  await append(Buffer.from([0x7b, 0xff, 0x7d]))
  await storedUpTo({ epoch: 5, seq, event_id: 'another' })
  const save = join(folder, 'saved.jsonl')
  expect((await spool('restore', '--save', save)).code).toBe(2)
  expect(existsSync(save)).toBe(false)
  const restored = await spoolWith({ NATS_URL: nats.url, DATABASE_URL: postgres.url }, { typed: 'y\n' })(
    'log',
    'restore',
    '--save',
    save,
  )
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('but another is stored there') })
  const lines = readFileSync(save, 'utf8').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ shard: 0, seq, body: text, headers: expect.objectContaining({ 'Spool-Prev': ['0'] }) }),
    expect.objectContaining({ seq: seq + 1, body_base64: 'e/99' }),
  ])
  expect(statSync(save).mode & 0o777).toBe(0o600)
})

test('a file that cannot be written leaves everything in its place, and the next one finishes', async () => {
  const seq = await append(Buffer.from('{}'))
  await storedUpTo({ epoch: 6, seq, event_id: 'another' })
  expect(await spool('restore', '--yes', '--save', '/nowhere/at/all')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing was removed'),
  })
  const status = await spool('status')
  expect(status.stdout).toContain('a restore was broken off')
  expect((await bus.jsm.streams.info('LOG')).state.last_seq).toBe(seq)
  expect((await spool('restore', '--yes', '--save', join(folder, 'again'))).code).toBe(0)
})

test('without Postgres the status says what it cannot tell, and nothing is restored', async () => {
  const alone = spoolWith({ NATS_URL: nats.url, DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' })
  const status = await alone('log', 'status', '--json')
  expect(status.code).toBe(0)
  expect(logOf(status)).toMatchObject({ epoch: 7, unknown: expect.stringContaining('Postgres does not answer') })
  expect(status.documents.find(({ kind }) => kind === 'persistence')).toMatchObject({ ok: false })
  expect(status.documents.filter(({ kind }) => kind === 'queue')).toHaveLength(3)
  expect((await alone('log', 'restore', '--yes')).code).toBe(3)
})

test('where the event at the checkpoint has left with its session, the one before it tells', async () => {
  const seq = await append(Buffer.from('{}'))
  await append(Buffer.from('{}'))
  const event = { shard: 0, epoch: 7, seq, tenant: 'test', session: 'one', prev: 0, type: 'custom.note', bytes: 2 }
  const row = { ...event, event_id: newId(), stored_at: new Date(), on_chain: true, body: '{}' }
  await database.kysely.insertInto('events').values(row).execute()
  await storedUpTo({ epoch: 7, seq: seq + 1, event_id: newId() })
  await bus.jsm.streams.deleteMessage('LOG', seq + 1)
  const found = logOf(await spool('status', '--json'))
  expect(found['diverged']).toContain(`at ${seq}, but ${row.event_id} is stored there`)
})

test('a file that takes only a part leaves everything in its place', async () => {
  const seq = await append(Buffer.from(JSON.stringify('x'.repeat(100_000))))
  await storedUpTo({ epoch: 8, seq, event_id: 'another' })
  const save = join(folder, 'too-large')
  const restoring = spawn(
    'sh',
    ['-c', 'ulimit -f 50 && exec "$0" "$@"', SPOOL, 'log', 'restore', '--yes', '--save', save],
    {
      env: { ...process.env, NATS_URL: nats.url, DATABASE_URL: postgres.url },
      stdio: 'ignore',
    },
  )
  expect(await once(restoring, 'close')).toEqual([1, null])
  expect((await bus.jsm.streams.info('LOG')).state.last_seq).toBe(seq)
  expect((await spool('restore', '--yes', '--save', join(folder, 'whole'))).code).toBe(0)
  expect(statSync(join(folder, 'whole')).size).toBeGreaterThan(100_000)
})

test('a stream that has no room is told as full', async () => {
  const { config, state } = await bus.jsm.streams.info('LOG')
  await bus.jsm.streams.update('LOG', { max_bytes: state.bytes + 100_000 })
  const full = await spool('status')
  await bus.jsm.streams.update('LOG', { max_bytes: config.max_bytes })
  expect(full.stdout).toMatch(/! LOG is full \(\d+\.\d MiB of \d+\.\d MiB\): appends wait/)
  expect((await spool('status')).stdout).not.toContain('is full')
})

test('a database that is not there is told as such', async () => {
  const url = new URL(postgres.url)
  url.pathname = '/nothing'
  const said = await spoolWith({ NATS_URL: nats.url, DATABASE_URL: url.href })('verify')
  expect(said).toMatchObject({ code: 3, stderr: expect.stringMatching(/has no such database: .*\/nothing/) })
})
