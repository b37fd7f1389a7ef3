import { headers } from '@nats-io/nats-core'
import { newId } from '@spool/events'
import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import {
  ChainWriter,
  follow,
  Header,
  type Log,
  SessionErased,
  type SessionRef,
  type StoredEvent,
} from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { all, appended, chainFault, newSession, note, noteText, wholeChain, written } from './support/sessions.ts'

describe.each(['oldest', 'newest'] as const)('%s server', (age) => {
  let nats: RunningNats

  beforeAll(async () => {
    nats = await startNats({ binary: (await natsBinaries())[age] })
    await provisioned(nats.url)
  })
  afterAll(() => nats.stop())

  async function opened(): Promise<{ log: Log; archive: MemoryArchive }> {
    const archive = new MemoryArchive()
    return { log: await openLog(nats.url, archive), archive }
  }

  test('a writer goes on behind events that have left the stream', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    for (const text of ['a', 'b', 'c']) await appended(writer, note(text))
    const before = await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    await appended(writer, note('d'))
    await appended(writer, note('e'))
    const events = await wholeChain(log, ref)
    expect(chainFault(events)).toBeNull()
    expect(events.map(noteText)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(events[3]!.prev).toBe(before.at(-1)!.seq)
  })

  test('a new writer finds the end of the chain in the archive', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const seqs = await written(log, ref, 3)
    await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    expect(await log.lastPosition(ref)).toBe(seqs.at(-1))
    await written(log, ref, 1, 'later')
    expect(chainFault(await wholeChain(log, ref))).toBeNull()
  })

  test('a writer that missed what has left the stream is told of it', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    await appended(writer, note('mine'))
    await written(log, ref, 2, 'theirs')
    await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    const result = await writer.append(note('late'))
    expect(result.outcome === 'overtaken' && result.others.map(noteText)).toEqual(['theirs 0', 'theirs 1'])
    await appended(writer, note('then'))
    expect((await wholeChain(log, ref)).map(noteText)).toEqual(['mine', 'theirs 0', 'theirs 1', 'then'])
  })

  test('reading and following go from the archive into the stream without a seam', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const seqs = await written(log, ref, 700)
    await archived(log, archive, ref)
    await purged(log, ref, seqs[400]!)
    const events = await wholeChain(log, ref)
    expect(chainFault(events)).toBeNull()
    expect(events.map(({ seq }) => seq)).toEqual(seqs)
    for (const from of [-1, 0, 200, 399, 400, 401, 698, 699]) {
      const after = from < 0 ? 0 : seqs[from]!
      const got: StoredEvent[] = []
      const stop = new AbortController()
      const following = (async () => {
        for await (const event of follow(log, ref, { epoch: 1, seq: after }, stop.signal)) {
          got.push(event)
          if (event.seq >= seqs.at(-1)!) break
        }
      })()
      if (after === seqs.at(-1)) stop.abort()
      await following
      expect(got.map(({ seq }) => seq)).toEqual(seqs.slice(from + 1))
    }
  })

  test('a follower of a long history has it from one read of the archive, and of the stream', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const seqs = await written(log, ref, 1600)
    await archived(log, archive, ref)
    await purged(log, ref, seqs[1200]!)
    const { asked } = archive
    const got: number[] = []
    for await (const { seq } of follow(log, ref, { epoch: 1, seq: 0 })) if (got.push(seq) === seqs.length) break
    expect(got).toEqual(seqs)
    expect(archive.asked - asked).toBe(1)
  })

  test('while the archive is away an empty subject is not taken for a new session', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    const seq = await appended(writer, note('a'))
    await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    archive.away = true
    const waiting = appended(writer, note('b'))
    const asking = log.lastPosition(ref)
    await eventually(() => archive.asked).toBeGreaterThan(4)
    expect(await storedOn(log, ref)).toBe(0)
    archive.away = false
    expect(await asking).toBe(seq)
    await waiting
    expect(chainFault(await wholeChain(log, ref))).toBeNull()
  })

  test('an append that waits for the archive can be given up', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    archive.away = true
    const stop = new AbortController()
    // Refused, because the subject is empty: the writer has to ask.
    const waiting = new ChainWriter(log, ref, 1, { signal: stop.signal }).append(note('never'))
    await eventually(() => archive.asked).toBeGreaterThan(0)
    stop.abort()
    await expect(waiting).rejects.toThrow(/abort/)
  })

  test('an erased session takes nothing more', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    await appended(writer, note('a'))
    await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    archive.erase(ref)
    await expect(writer.append(note('b'))).rejects.toThrow(SessionErased)
    await expect(log.lastPosition(ref)).rejects.toThrow(SessionErased)
    expect(await storedOn(log, ref)).toBe(0)
  })

  test('a reader of an erased session is told so, and not that its place was lost', async () => {
    const { log } = await opened()
    const ref = newSession()
    const [first] = await written(log, ref, 3)
    const writer = new ChainWriter(log, ref, await log.lastPosition(ref))
    await appended(writer, { ...note('by'), type: 'session.erased' })
    await log.bus.jsm.streams.purge('LOG', { filter: log.subjects.log(ref), keep: 1 })
    for (const after of [0, first!]) {
      await expect(all(log.read(ref, after, writer.position))).rejects.toThrow(SessionErased)
    }
  })

  test('a writer that missed what has left the stream is told of it also when later events are still there', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    await appended(writer, note('mine'))
    const seqs = await written(log, ref, 3, 'theirs')
    await archived(log, archive, ref)
    await purged(log, ref, seqs.at(-1)!)
    const result = await writer.append(note('late'))
    expect(result.outcome === 'overtaken' && result.others.map(noteText)).toEqual(['theirs 0', 'theirs 1', 'theirs 2'])
    await appended(writer, note('then'))
    expect(chainFault(await wholeChain(log, ref))).toBeNull()
  })

  test('the one event that an erased session keeps fences also a writer that missed others before it', async () => {
    const { log } = await opened()
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    await appended(writer, note('mine'))
    const [theirs] = await written(log, ref, 1, 'theirs')
    const erasing = new ChainWriter(log, ref, theirs!)
    await appended(erasing, { ...note(''), type: 'session.erased' })
    await log.bus.jsm.streams.purge('LOG', { filter: log.subjects.log(ref), keep: 1 })
    await expect(writer.append(note('late'))).rejects.toThrow(SessionErased)
    expect(await storedOn(log, ref)).toBe(1)
  })

  test('what a writer appended that slept until its session had left the stream is no part of the chain', async () => {
    const { log, archive } = await opened()
    const ref = newSession()
    const [first, second] = await written(log, ref, 5)
    await archived(log, archive, ref)
    await purged(log, ref, Infinity)
    await appendedInSleep(log, ref, second!)
    expect((await wholeChain(log, ref)).map(noteText)).toEqual(['note 0', 'note 1', 'note 2', 'note 3', 'note 4'])

    const got: string[] = []
    const following = (async () => {
      for await (const event of follow(log, ref, { epoch: 1, seq: first! })) {
        got.push(noteText(event))
        if (got.length === 6) return
      }
    })()
    await eventually(() => got.length).toBe(4)
    const tail = await archive.tail(ref)
    const writer = new ChainWriter(log, ref, tail.seq)
    await appended(writer, note('on'))
    await appended(writer, note('and on'))
    await following
    expect(got).toEqual(['note 1', 'note 2', 'note 3', 'note 4', 'on', 'and on'])
    expect(chainFault(await wholeChain(log, ref))).toBeNull()
  })
})

async function archived(log: Log, archive: MemoryArchive, ref: SessionRef): Promise<StoredEvent[]> {
  const events = await wholeChain(log, ref)
  archive.store(ref, events)
  return events
}

/** As persistence does it, by sequence; only for one session here. Events before `seq` leave the stream. */
async function purged(log: Log, ref: SessionRef, seq: number): Promise<void> {
  const filter = log.subjects.log(ref)
  await log.bus.jsm.streams.purge('LOG', Number.isFinite(seq) ? { filter, seq } : { filter })
}

async function storedOn(log: Log, ref: SessionRef): Promise<number> {
  const filter = log.subjects.log(ref)
  const info = await log.bus.jsm.streams.info('LOG', { subjects_filter: filter })
  return info.state.subjects?.[filter] ?? 0
}

async function appendedInSleep(log: Log, ref: SessionRef, prev: number): Promise<void> {
  const head = headers()
  head.set('Nats-Expected-Last-Subject-Sequence', '0')
  head.set(Header.id, newId())
  head.set(Header.prev, String(prev))
  head.set(Header.type, 'custom.note')
  await log.bus.js.publish(log.subjects.log(ref), note('asleep').body, { headers: head })
}
