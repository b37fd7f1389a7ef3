import { emptySession } from '@spool/events'
import { type RunningNatsCluster, type RunningNats, natsBinaries, startNats, startNatsCluster } from '@spool/testing'
import { afterEach, expect, test } from 'vitest'
import {
  announceDiverged,
  ChainWriter,
  CursorLost,
  deploymentStatus,
  Feed,
  FeedReader,
  finishRestoring,
  type Keep,
  type Log,
  LogBehind,
  provision,
  type RawEvent,
  restoreShard,
  type RestoreStep,
  SessionLoader,
  StoredEvent,
  type StoredLog,
} from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { newSession, note, noteText, wholeChain, written } from './support/sessions.ts'

const SHARD = { shard: 0, shards: 1 }
let server: RunningNats | RunningNatsCluster
afterEach(() => server.stop())

/** What is stored: these events, and nothing else. */
function storedIs(events: readonly StoredEvent[], lastSeq = events.at(-1)?.seq ?? 0): StoredLog {
  const places = new Set(events.map(({ epoch, seq, id }) => `${epoch} ${seq} ${id}`))
  const epoch = Math.max(0, ...events.map((event) => event.epoch))
  return {
    last: async () => ({ epoch, seq: lastSeq }),
    areStored: async (asked, these) => these.map(({ seq, id }) => places.has(`${asked} ${seq} ${id}`)),
  }
}

class Kept implements Keep {
  readonly events: RawEvent[] = []
  async add(events: readonly RawEvent[]): Promise<void> {
    this.events.push(...events)
  }
  async close(): Promise<void> {}
}

const status = async (log: Log) => (await deploymentStatus(log.bus, 1)).logs[0]!

/** Another life of the log: the stream has gone on as it was before `lost`, with other events. */
async function parted(log: Log, archive: MemoryArchive) {
  const ref = newSession()
  await written(log, ref, 30)
  const common = await wholeChain(log, ref)
  await written(log, ref, 4, 'not stored')
  // The same positions are stored with other events, and more of them.
  const lost = common.slice(0, 4).map(({ epoch, body, type }, index) => {
    const seq = common.at(-1)!.seq + index + 1
    return new StoredEvent({ seq, prev: seq - 1, epoch, id: `stored-${seq}`, type }, body)
  })
  archive.store(ref, [...common, ...lost])
  return { ref, stored: storedIs([...common, ...lost], lost.at(-1)!.seq + 3) }
}

test('a restore that dies between any two of its steps is brought to its end by the next one', async () => {
  server = await startNats({ binary: (await natsBinaries()).oldest })
  await provisioned(server.url)
  await everyDeath(server.url)
})

test('and in a cluster', async () => {
  server = await startNatsCluster({ binary: (await natsBinaries()).newest })
  await provisioned(server.url, { replicas: 3 })
  await everyDeath(server.url, ['emptied'])
})

async function everyDeath(
  url: string,
  deaths: readonly RestoreStep[] = ['frozen', 'saved', 'emptied', 'named', 'thawed'],
): Promise<void> {
  for (const death of deaths) {
    const archive = new MemoryArchive()
    const log = await openLog(url, archive)
    const other = await openLog(url, archive)
    const before = await status(log)
    const { stored } = await parted(log, archive)
    const { seq: highest } = await stored.last()
    const kept = new Kept()
    await expect(
      restoreShard(log.bus, SHARD, stored, kept, (step) => {
        if (step === death) throw new Error('died')
      }),
    ).rejects.toThrow('died')
    if (death !== 'thawed') {
      // Whoever starts Spool meanwhile does not let events in.
      await provision(log.bus, { replicas: before.replicas, logMaxBytes: 512 * 1024 ** 2 })
      expect(await status(log)).toMatchObject({ frozen: true, maxBytes: before.maxBytes })
      const early = new ChainWriter(other, newSession(), 0, { signal: AbortSignal.timeout(60) })
      await expect(early.append(note('early'))).rejects.toThrow('timeout')
    }
    if (death === 'named') await finishRestoring(log.bus, SHARD)
    else if (death !== 'thawed') await restoreShard(log.bus, SHARD, stored, kept)
    const after = await status(log)
    expect(after).toMatchObject({ epoch: before.epoch + 1, messages: 0, frozen: false, maxBytes: before.maxBytes })
    expect(after.firstSeq).toBeGreaterThanOrEqual(highest + 1_000_000)
    const texts = new Set(
      kept.events.map(({ body }) => (JSON.parse(new TextDecoder().decode(body)) as { text: string }).text),
    )
    expect([...texts]).toEqual([0, 1, 2, 3].map((index) => `not stored ${index}`))
    expect(kept.events[0]).toMatchObject({ headers: { 'Spool-Id': [kept.events[0]!.id] }, storedAt: expect.any(Date) })
    // A process that was connected all the time: from the first event on.
    const live = new Feed(other, newSession())
    await live.open()
    const [first] = await written(log, live.ref, 1)
    await eventually(() => live.tail).toBe(first)
    expect(live.ring.after(0)).toMatchObject({ epoch: after.epoch, seq: after.firstSeq })
    live.close()
    for (const { bus } of [log, other]) await bus.close()
  }
}

test('what a process keeps of a session counts no more where other events are stored at its positions', async () => {
  server = await startNats()
  await provisioned(server.url)
  const archive = new MemoryArchive()
  const log = await openLog(server.url, archive)
  const { ref, stored } = await parted(log, archive)
  const loader = new SessionLoader(log)
  const { seq } = await loader.load(ref)
  const writer = new ChainWriter(log, ref, seq)
  const lost: unknown[] = []
  const feed = new Feed(log, ref)
  await feed.open()
  new FeedReader(
    feed,
    feed.tail,
    () => true,
    (error) => void lost.push(error),
  ).resume()
  // One that stands where what is stored and what was lost are still the same is not touched.
  const same = newSession()
  const [sameSeq] = await written(log, same, 1, 'stored')
  const sameChain = await wholeChain(log, same)
  archive.store(same, sameChain)
  const sameFeed = new Feed(log, same)
  await sameFeed.open()
  const seen: string[] = []
  new FeedReader(
    sameFeed,
    sameFeed.tail,
    (event) => seen.push(noteText(event)) > 0,
    (error) => void lost.push(error),
  ).resume()

  await restoreShard(log.bus, SHARD, stored, new Kept())
  await eventually(() => lost).toEqual([expect.any(CursorLost)])
  await expect(writer.append(note('behind what was lost'))).rejects.toThrow(LogBehind)
  // Folded anew, from what is stored, not from where the cached state ended.
  archive.storeState(ref, { ...emptySession(), title: 'as it is stored', seq: (await archive.tail(ref)).seq })
  expect(await loader.load(ref)).toMatchObject({ title: 'as it is stored' })
  await written(log, same, 1, 'goes on')
  await eventually(() => seen).toEqual(['goes on 0'])
  await expect(log.check(same, { epoch: 1, seq: sameSeq! })).resolves.toBeUndefined()
  await expect(log.check(same, { epoch: 1, seq: sameSeq! + 50 })).rejects.toThrow(CursorLost)
  feed.close()
  sameFeed.close()
})

test('nothing is appended while persistence says that the log is another one, and again when it says so no more', async () => {
  server = await startNats()
  await provisioned(server.url)
  const archive = new MemoryArchive()
  const log = await openLog(server.url, archive)
  await written(log, newSession(), 1)
  announceDiverged(log.bus, 0, 'The log has event A at 5, but B is stored there.')
  await eventually(() => log.horizon.behind?.message).toContain('but B is stored')
  await expect(written(log, newSession(), 1)).rejects.toThrow(LogBehind)
  await restoreShard(log.bus, SHARD, storedIs([], 5), new Kept())
  expect(await written(log, newSession(), 1)).toEqual([1_000_005])
})
