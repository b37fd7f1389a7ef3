import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Bus, type Cursor, CursorLost, follow, type Log, type SessionRef, StoredEvent } from '../src/index.ts'
import { beginEpoch } from './support/begin-epoch.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { chainFault, newSession, note, noteText, written } from './support/sessions.ts'

const FIRST_SEQ = 1_000_001
let nats: RunningNats
/** Its store was lost once: it is in its second epoch. */
let restored: RunningNats

beforeAll(async () => {
  nats = await startNats()
  restored = await startNats()
  await Promise.all([nats, restored].map(({ url }) => provisioned(url)))
  const bus = await Bus.connect({ servers: restored.url, name: 'restore' })
  await beginEpoch(bus, 2, FIRST_SEQ)
  await bus.close()
})
afterAll(() => Promise.all([nats.stop(), restored.stop()]))

test.each([
  ['beyond the end', { epoch: 1, seq: 4711 }],
  ['of an epoch that has not begun', { epoch: 2, seq: 1 }],
  ['of an epoch before the first', { epoch: 0, seq: 1 }],
])('a cursor %s is refused', async (_, cursor) => {
  const log = await openLog(nats.url)
  const ref = newSession()
  await written(log, ref, 3)
  await expectLost(log, ref, cursor)
})

test("a cursor at another session's event is refused", async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  await written(log, ref, 1)
  const [foreign] = await written(log, newSession(), 1)
  await expectLost(log, ref, { epoch: 1, seq: foreign! })
})

test('a cursor of an older epoch goes on from the archive into the new epoch', async () => {
  const { log, ref } = await sessionOverTwoEpochs()
  const got: StoredEvent[] = []
  for await (const event of follow(log, ref, { epoch: 1, seq: 5 })) {
    got.push(event)
    if (got.length === 4) break
  }
  expect(got.map(noteText)).toEqual(['second', 'note 0', 'note 1', 'note 2'])
  expect(got.map(({ epoch }) => epoch)).toEqual([1, 2, 2, 2])
  expect(chainFault(got, 5)).toBeNull()
})

test('a cursor of an older epoch that the archive does not have is refused', async () => {
  const { log, ref } = await sessionOverTwoEpochs()
  await expectLost(log, ref, { epoch: 1, seq: 11 })
})

test('a position of the new epoch under the number of the old one is refused', async () => {
  const { log, ref, seqs } = await sessionOverTwoEpochs()
  await log.check(ref, { epoch: 2, seq: seqs[0]! })
  await expectLost(log, ref, { epoch: 1, seq: seqs[0]! })
})

test('a cursor of an epoch that began unnoticed is looked into', async () => {
  const server = await startNats()
  onTestFinished(() => server.stop())
  await provisioned(server.url)
  const log = await openLog(server.url)
  await beginEpoch(log.bus, 2, FIRST_SEQ)
  const ref = newSession()
  const [seq] = await written(await openLog(server.url), ref, 1)
  expect(log.epochOf(ref)).toBe(1)
  await log.check(ref, { epoch: 2, seq: seq! })
  expect(log.epochOf(ref)).toBe(2)
})

async function sessionOverTwoEpochs(): Promise<{ log: Log; ref: SessionRef; seqs: number[] }> {
  const archive = new MemoryArchive()
  const ref = newSession()
  archive.store(ref, [archivedNote(5, 0, 'first'), archivedNote(9, 5, 'second')])
  const log = await openLog(restored.url, archive)
  return { log, ref, seqs: await written(log, ref, 3) }
}

function archivedNote(seq: number, prev: number, text: string): StoredEvent {
  const { id, type, body } = note(text)
  return new StoredEvent({ seq, prev, epoch: 1, id, type }, body)
}

async function expectLost(log: Log, ref: SessionRef, cursor: Cursor): Promise<void> {
  await expect(log.check(ref, cursor)).rejects.toThrow(CursorLost)
  const reading = async () => {
    for await (const event of follow(log, ref, cursor)) throw new Error(`was handed ${event.seq}`)
  }
  await expect(reading()).rejects.toThrow(CursorLost)
}
