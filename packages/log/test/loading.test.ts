import { draft, emptySession, encodeEvent, fold, newId, type SessionState } from '@spool/events'
import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainWriter, type Draft, foldStored, LogBehind, SessionLoader } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { appended, newSession, note, wholeChain, written } from './support/sessions.ts'

let nats: RunningNats

beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
})
afterAll(() => nats.stop())

function titled(title: string): Draft {
  return { id: newId(), type: 'session.titled', body: encodeEvent(draft('session.titled', { title })) }
}

test('a session is folded up to its last position, and from where it was when it is loaded again', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const loader = new SessionLoader(log)
  const ref = newSession()
  expect(await loader.load(ref)).toEqual(emptySession())
  const writer = new ChainWriter(log, ref, 0)
  await appended(writer, titled('first'))
  expect(await loader.load(ref)).toMatchObject({ title: 'first', seq: writer.position })
  await appended(writer, titled('second'))
  const asked = archive.asked
  expect(await loader.load(ref)).toMatchObject({ title: 'second', seq: writer.position })
  expect(archive.asked).toBe(asked)
})

test('a session is folded from what the archive holds of it', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const ref = newSession()
  const writer = new ChainWriter(log, ref, 0)
  await appended(writer, titled('archived'))
  const events = await wholeChain(log, ref)
  archive.store(ref, events)
  archive.storeState(ref, events.reduce(foldStored, emptySession()))
  await log.bus.jsm.streams.purge('LOG', { filter: log.subjects.log(ref) })
  await appended(writer, note('later'))
  expect(await new SessionLoader(log).load(ref)).toMatchObject({ title: 'archived', seq: writer.position })
})

test('while the archive is away a session that JetStream holds is folded from its beginning', async () => {
  const archive = new MemoryArchive()
  archive.away = true
  const log = await openLog(nats.url, archive)
  const ref = newSession()
  const writer = new ChainWriter(log, ref, 0)
  archive.away = false
  await appended(writer, titled('here'))
  archive.away = true
  expect(await new SessionLoader(log).load(ref)).toMatchObject({ title: 'here' })
})

test('where the archive alone knows how a session began, whoever loads it may run out of patience', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const ref = newSession()
  const seqs = await written(log, ref, 4)
  archive.store(ref, await wholeChain(log, ref))
  await log.bus.jsm.streams.purge('LOG', { filter: log.subjects.log(ref), seq: seqs[2]! })
  archive.away = true
  const patience = AbortSignal.timeout(100)
  await expect(new SessionLoader(log).load(ref, undefined, patience)).rejects.toThrow(/timeout/)
  archive.away = false
  expect(await new SessionLoader(log).load(ref)).toMatchObject({ seq: seqs[3] })
})

test('an archive that has moved on while it was asked is no lost log', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const ref = newSession()
  const writer = new ChainWriter(log, ref, 0)
  await appended(writer, titled('before'))
  // Between the question for the position and the one for the state another event is stored and projected.
  archive.state = async (): Promise<SessionState> => {
    await appended(writer, titled('meanwhile'))
    return (await wholeChain(log, ref)).reduce(foldStored, emptySession())
  }
  expect(await new SessionLoader(log).load(ref)).toMatchObject({ title: 'meanwhile', seq: writer.position })
})

test('a state that is ahead of the log is refused', async () => {
  const log = await openLog(nats.url)
  const loader = new SessionLoader(log)
  const ref = newSession()
  const [seq] = await written(log, ref, 1)
  loader.keep(ref, { ...emptySession(), seq: seq! + 5 })
  await expect(loader.load(ref)).rejects.toThrow(LogBehind)
})

test('an event that does not parse changes nothing but the position', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  const writer = new ChainWriter(log, ref, 0)
  await appended(writer, titled('kept'))
  await appended(writer, { id: newId(), type: 'session.titled', body: new TextEncoder().encode('{"v":1,') })
  const state = await new SessionLoader(log).load(ref)
  expect(state).toMatchObject({ title: 'kept', seq: writer.position })
  expect(fold(state, { seq: state.seq, event: draft('session.titled', { title: 'again' }) })).toBe(state)
})

test('only the sessions that were used last are kept', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const loader = new SessionLoader(log, 2)
  const sessions = [newSession(), newSession(), newSession()]
  for (const ref of sessions) {
    await written(log, ref, 1)
    await loader.load(ref)
  }
  const asked = archive.asked
  await loader.load(sessions[2]!)
  await loader.load(sessions[1]!)
  expect(archive.asked).toBe(asked)
  await loader.load(sessions[0]!)
  expect(archive.asked).toBe(asked + 1)
})
