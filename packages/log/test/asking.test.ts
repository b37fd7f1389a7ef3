import { type RunningNats, startNats, startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  answer,
  answerFollowers,
  answerReady,
  ArchiveOverNats,
  ArchiveUnavailable,
  askFollowers,
  askReady,
  type Bus,
  CursorLost,
  eventAt,
  oldestRequest,
  enqueue,
  grantKey,
  hashKey,
  KeyWatch,
  listKeys,
  Queries,
  QueryRefused,
  ReplyInbox,
  revokeKey,
  sameSession,
  ticketSecret,
} from '../src/index.ts'
import { connected, openLog, provisioned } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { newSession, noteText, written } from './support/sessions.ts'

let nats: RunningNats

beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
})
afterAll(() => nats.stop())

/** Answers as Nest's NATS transport does: packets that end with one that is disposed. */
function answerQueries(bus: Bus, name: string, packets: (data: unknown) => readonly object[]): void {
  const subscription = bus.nc.subscribe(`query.${name}`, {
    callback: (_, message) => {
      const { data, id } = message.json<{ data: unknown; id: string }>()
      for (const packet of packets(data)) message.respond(JSON.stringify({ ...packet, id }))
    },
  })
  onTestFinished(() => subscription.unsubscribe())
}

test('an answer in pieces is put together', async () => {
  const bus = await connected(nats.url)
  answerQueries(bus, 'tail', (data) => {
    const text = JSON.stringify({ seq: 42, erased: false, asked: data })
    return [...[...text].map((response) => ({ response })), { isDisposed: true }]
  })
  const ref = newSession()
  const archive = new ArchiveOverNats(new Queries(bus))
  expect(await archive.tail(ref)).toEqual({ seq: 42, erased: false, asked: { ...ref } })
})

test("the archive's events come page by page, with the bytes that were appended", async () => {
  const bus = await connected(nats.url)
  const chain = [1, 2, 3, 4, 5].map((seq) => ({
    seq,
    prev: seq - 1,
    epoch: 1,
    id: `id-${seq}`,
    type: 'custom.note',
    trace: seq === 1 ? '00-trace' : null,
    body: `{"text":"\\u0000 ${seq} 🙂"}`,
  }))
  answerQueries(bus, 'read', (data) => {
    const { after, until } = data as { after: number; until: number }
    const rest = chain.filter(({ seq }) => seq > after && seq <= until)
    const page = { events: rest.slice(0, 2), more: rest.length > 2 }
    return [{ response: JSON.stringify(page), isDisposed: true }]
  })
  const got = []
  for await (const event of new ArchiveOverNats(new Queries(bus)).read(newSession(), 1, 4)) got.push(event)
  expect(got.map(({ seq }) => seq)).toEqual([2, 3, 4])
  expect(got[0]!.text()).toBe(chain[1]!.body)
  expect(got[0]!.trace).toBeUndefined()
})

test('nobody who answers, and an answer that breaks off, is an archive that is away', async () => {
  const bus = await connected(nats.url)
  await expect(new Queries(bus).ask('nobody', {})).rejects.toThrow(ArchiveUnavailable)
  answerQueries(bus, 'half', () => [{ response: '{"seq":' }])
  await expect(new Queries(bus).ask('half', {}, 200)).rejects.toThrow(ArchiveUnavailable)
})

test("persistence's own refusal arrives in its words", async () => {
  const bus = await connected(nats.url)
  answerQueries(bus, 'refused', () => [{ err: { code: 'behind', message: 'not there yet' }, isDisposed: true }])
  const refused = new Queries(bus).ask('refused', {})
  await expect(refused).rejects.toThrow(QueryRefused)
  await expect(refused).rejects.toMatchObject({ code: 'behind', message: 'not there yet' })
})

test('a queued request is answered at its inbox, or not in time', async () => {
  const bus = await connected(nats.url)
  const inbox = new ReplyInbox(bus)
  expect(await inbox.answer(50)).toBeNull()
  const reply = { ok: false, status: 409, code: 'busy', message: 'another run is active' } as const
  answer(bus, inbox.subject, reply)
  expect(await inbox.later).toEqual(reply)
  expect(await inbox.answer(50)).toEqual(reply)
  inbox.close()
})

test('a service says whether it can be used; one that is not there does not answer', async () => {
  const bus = await connected(nats.url)
  let ok = true
  const stop = answerReady(bus, 'gateway', () => ({ ok }))
  expect(await askReady(bus, 'gateway')).toEqual({ ok: true })
  ok = false
  expect(await askReady(bus, 'gateway')).toEqual({ ok: false })
  stop()
  expect(await askReady(bus, 'gateway')).toEqual({ ok: false, detail: 'does not answer' })
})

test('whether anybody follows a session is known by those who serve followers', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  expect(await askFollowers(log, ref)).toBe(false)
  const stop = answerFollowers(log, (asked) => sameSession(asked, ref))
  expect(await askFollowers(log, ref)).toBe(true)
  expect(await askFollowers(log, newSession())).toBe(false)
  stop()
})

test('an event is found by its position', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  const seqs = await written(log, ref, 3)
  expect(noteText(await eventAt(log, ref, seqs[1]!))).toBe('note 1')
  await expect(eventAt(log, ref, seqs[2]! + 1)).rejects.toThrow(CursorLost)
})

test("the session's oldest open request is told from others'", async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  expect(await oldestRequest(log, ref)).toBeNull()
  for (const [of, id] of [
    [newSession(), 'a'],
    [ref, 'b'],
    [ref, 'c'],
  ] as const) {
    await enqueue(log, log.subjects.intake(of, id), '{}')
  }
  const oldest = await oldestRequest(log, ref)
  const { subject } = (await log.bus.jsm.streams.getMessage('INTAKE', { seq: oldest! }))!
  expect(subject).toBe(log.subjects.intake(ref, 'b'))
})

test('a key counts from the moment it is granted until it is taken back', async () => {
  const bus = await connected(nats.url)
  const keys = KeyWatch.open(bus)
  onTestFinished(() => keys.close())
  await eventually(() => keys.loaded).toBe(true)
  expect(keys.grantOf('sk-1')).toBeUndefined()
  await grantKey(bus, 'sk-1', 'acme', 'laptop')
  await eventually(() => keys.grantOf('sk-1')).toMatchObject({ tenant: 'acme', name: 'laptop' })
  let told = 0
  keys.onRevoked(() => told++)
  await grantKey(bus, 'sk-2', 'acme', 'phone')
  await revokeKey(bus, hashKey('sk-1'))
  await eventually(() => keys.grantOf('sk-1')).toBeUndefined()
  expect(told).toBe(1)
  expect((await listKeys(bus)).filter(({ tenant }) => tenant === 'acme')).toMatchObject([{ name: 'phone' }])
})

test('a key that is taken back while the connection is away counts no more when it is back, and that is told', async () => {
  const wire = await startTcpProxy({ port: nats.port })
  onTestFinished(() => wire.stop())
  const bus = await connected(nats.url)
  const keys = KeyWatch.open(await connected(`nats://127.0.0.1:${wire.port}`))
  onTestFinished(() => keys.close())
  await grantKey(bus, 'sk-3', 'acme', 'lost')
  await eventually(() => keys.grantOf('sk-3')).toBeDefined()
  let told = 0
  keys.onRevoked(() => told++)
  wire.refuse(true)
  wire.cutAll()
  await revokeKey(bus, hashKey('sk-3'))
  wire.refuse(false)
  await eventually(() => keys.grantOf('sk-3')).toBeUndefined()
  expect(told).toBeGreaterThan(0)
})

test('a key does what its scopes say: without any all, and of what cannot be read nothing', async () => {
  const bus = await connected(nats.url)
  const keys = KeyWatch.open(bus)
  onTestFinished(() => keys.close())
  await grantKey(bus, 'sk-4', 'acme', 'all')
  await grantKey(bus, 'sk-5', 'acme', 'some', { scopes: ['read', 'run'] })
  const { js } = bus
  const broken = { tenant: 'acme', name: 'broken' }
  await js.publish(`$KV.KEYS.${hashKey('sk-6')}`, JSON.stringify({ ...broken, scopes: 'read' }))
  await js.publish(`$KV.KEYS.${hashKey('sk-7')}`, JSON.stringify({ ...broken, scopes: ['run', 'everything', null] }))
  await eventually(() => keys.grantOf('sk-7')).toBeDefined()
  const scopes = ['sk-4', 'sk-5', 'sk-6', 'sk-7'].map((key) => keys.grantOf(key)?.scopes)
  expect(scopes).toEqual([undefined, ['read', 'run'], [], ['run']])
})

test('all who need the secret of the tickets get the same, and it is no key', async () => {
  const [one, other] = await Promise.all([connected(nats.url), connected(nats.url)])
  const keys = KeyWatch.open(one)
  onTestFinished(() => keys.close())
  const secrets = await Promise.all([one, other, one, other].map((bus) => ticketSecret(bus)))
  expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1)
  await eventually(() => keys.ticketSecret).toEqual(secrets[0])
  expect((await listKeys(one)).map(({ hash }) => hash)).not.toContain('ticket-secret')
})
