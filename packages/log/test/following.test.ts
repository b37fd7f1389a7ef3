import { natsBinaries, type RunningNats, startNats, startTcpProxy, type TcpProxy } from '@spool/testing'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { headers, type Msg } from '@nats-io/nats-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import {
  ChainWriter,
  Feed,
  FeedReader,
  follow,
  Hub,
  type Log,
  type SessionRef,
  type StoredEvent,
} from '../src/index.ts'
import { messageHeaders } from '../src/message-headers.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { appended, chainFault, newSession, note, written } from './support/sessions.ts'

describe.each(['oldest', 'newest'] as const)('%s server', (age) => {
  let nats: RunningNats

  beforeAll(async () => {
    nats = await startNats({ binary: (await natsBinaries())[age] })
    await provisioned(nats.url)
  })
  afterAll(() => nats.stop())

  /** A process that follows, and what the network does to it. */
  async function behindProxy(): Promise<{ proxy: TcpProxy; log: Log }> {
    const proxy = await startTcpProxy({ port: nats.port })
    onTestFinished(() => proxy.stop())
    return { proxy, log: await openLog(`nats://127.0.0.1:${proxy.port}`) }
  }

  test('20 followers, begun at random places while it is written, get every event once and in order', async () => {
    const log = await openLog(nats.url)
    const ref = newSession()
    const seqs = await written(log, ref, 200)
    const writing = keepWriting(await openLog(nats.url), ref, seqs.at(-1)!)
    const followers = Array.from({ length: 20 }, async () => {
      const from = Math.floor(Math.random() * writing.seqs.length)
      const after = writing.seqs[from] ?? 0
      const got: StoredEvent[] = []
      for await (const event of follow(log, ref, { epoch: 1, seq: after })) {
        got.push(event)
        if (got.length >= 300) break
      }
      expect(chainFault(got, after)).toBeNull()
      // And on from where it was cut.
      const last = got.at(-1)!.seq
      for await (const event of follow(log, ref, { epoch: 1, seq: last })) {
        expect(event.prev).toBe(last)
        break
      }
    })
    await Promise.all(followers)
    await writing.stop()
  })

  test('the headers of live messages are read as the client of NATS reads them', async () => {
    const log = await openLog(nats.url)
    const ref = newSession()
    const seen: [ours: (string | undefined)[], theirs: (string | undefined)[]][] = []
    const { nc } = log.bus
    nc.subscribe(log.subjects.live(ref), {
      callback: (_error, message) => {
        const names = [...(message.headers?.keys() ?? []), 'Sequence', 'Spool', 'None']
        seen.push([
          names.map((name) => messageHeaders(message)?.get(name)),
          names.map((name) => message.headers?.get(name)),
        ])
      },
    })
    await nc.flush()
    nc.publish(log.subjects.live(ref), 'no headers: NATS/1.0\r\n\r\n')
    const foreign = headers()
    foreign.set('Spool-Type', 'Zoë € ')
    nc.publish(log.subjects.live(ref), '', { headers: foreign })
    const writer = new ChainWriter(log, ref, 0)
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    for (let i = 0; i < 20; i++) await writer.append({ ...note('€'.repeat(i * 7)), ...(i % 2 === 0 && { trace }) })
    await eventually(() => seen.length).toBe(22)
    for (const [ours, theirs] of seen) expect(ours).toEqual(theirs)
    expect(seen[1]![0]).toContain('Zoë €')
    expect(seen[2]![0]).toContain(trace)
    expect(seen[2]![0].filter((value) => value !== '').length).toBeGreaterThanOrEqual(7)
  })

  test('what is read of the headers of a live message keeps no more in memory than itself', async () => {
    const log = await openLog(nats.url)
    const subject = log.subjects.live(newSession())
    const { promise, resolve } = Promise.withResolvers<Msg>()
    log.bus.nc.subscribe(subject, { callback: (_error, message) => resolve(message) })
    const long = headers()
    long.set('Spool-Id', '01KB0000000000000000000000')
    long.set('Padding', 'x'.repeat(50_000))
    log.bus.nc.publish(subject, '', { headers: long })
    const message = await promise
    const before = heapAfterCollecting()
    const ids = Array.from({ length: 1000 }, () => messageHeaders(message)?.get('Spool-Id'))
    expect(heapAfterCollecting() - before).toBeLessThan(5_000_000)
    expect(new Set(ids)).toEqual(new Set(['01KB0000000000000000000000']))
  })

  test('what came in a burst with others keeps no more in memory than itself', async () => {
    const { proxy, log } = await behindProxy()
    const writing = await openLog(nats.url)
    const [one, other] = [newSession(), newSession()]
    const feeds = [new Feed(log, one), new Feed(log, other)] as const
    onTestFinished(() => feeds.forEach((feed) => feed.close()))
    await Promise.all(feeds.map((feed) => feed.open()))
    proxy.stall('down', true)
    const [seqs] = await Promise.all([written(writing, one, 30), written(writing, other, 300)])
    proxy.stall('down', false)
    await eventually(() => feeds[0].tail).toBe(seqs.at(-1))
    const bodies: Uint8Array[] = []
    for (let event = feeds[0].ring.after(0); event !== undefined; event = feeds[0].ring.after(event.seq)) {
      bodies.push(event.body)
    }
    expect(bodies.map((body) => JSON.parse(Buffer.from(body).toString()).text)).toEqual(seqs.map((_, i) => `note ${i}`))
    const pieces = new Set(bodies.map(({ buffer }) => buffer))
    const kept = [...pieces].reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(kept).toBeLessThan(16 * 1024)
    expect(pieces.size).toBeLessThan(bodies.length)
  })

  test('what is appended in one turn of the event loop goes out in one write', async () => {
    const { proxy, log } = await behindProxy()
    const writes: number[] = []
    proxy.intercept('up', (chunk) => {
      writes.push(chunk.toString().split('HPUB ').length - 1)
      return chunk
    })
    const append = () => new ChainWriter(log, newSession(), 0).append(note('x'))
    await append()
    writes.length = 0
    const appending: Promise<unknown>[] = []
    for (let i = 0; i < 40; i++) {
      appending.push(append())
      // In between the client of NATS would have written already.
      for (let tick = 0; tick < 5; tick++) await Promise.resolve()
    }
    await Promise.all(appending)
    expect(writes.filter((appends) => appends > 0)).toEqual([40])
  })

  test('live messages that were lost are read from the log before any later one is handed on', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const direct = await openLog(nats.url)
    const { feed, got } = await following(log, ref)
    const writer = new ChainWriter(direct, ref, 0)
    const lost: number[] = []
    for (let i = 0; i < 30; i++) {
      // Each event alone, so that a chunk of bytes is a message.
      if (i % 3 === 1) {
        const swallowed = swallowLive(proxy)
        lost.push(await appended(writer, note(`${i}`)))
        await swallowed
      } else {
        const seq = await appended(writer, note(`${i}`))
        await eventually(() => feed.tail, { interval: 1 }).toBe(seq)
      }
    }
    expect(lost).toHaveLength(10)
    await eventually(() => got.length).toBe(30)
    expect(chainFault(got)).toBeNull()
  })

  test('the very last live message, when it was lost, is found by comparing with the leader', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const { feed, got, hub } = await following(log, ref)
    const direct = await openLog(nats.url)
    const writer = new ChainWriter(direct, ref, 0)
    await appended(writer, note('heard'))
    await eventually(() => got.length).toBe(1)
    const swallowed = swallowLive(proxy)
    const last = await appended(writer, note('missed'))
    await swallowed
    expect(got).toHaveLength(1)
    await hub.verify()
    expect(feed.tail).toBe(last)
    expect(chainFault(got)).toBeNull()
    expect(got).toHaveLength(2)
  })

  test('whoever follows a session whose first live message was lost is not told that there is none', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const hub = hubOf(log)
    // Somebody has asked too early.
    hub.release(await hub.acquire(ref))
    const swallowed = swallowLive(proxy)
    const first = await appended(new ChainWriter(await openLog(nats.url), ref, 0), note('missed'))
    await swallowed
    expect((await hub.acquire(ref)).tail).toBe(first)
  })

  test('more is awaited behind whatever is not an end, also by who came in the middle', async () => {
    const ref = newSession()
    const direct = await openLog(nats.url)
    const writer = new ChainWriter(direct, ref, 0)
    const delta = { ...note('in the middle'), type: 'text.delta' }
    await appended(writer, delta)
    const { proxy, log } = await behindProxy()
    const { feed, hub } = await following(log, ref)
    expect(feed.awaitsMore).toBe(true)
    const swallowed = swallowLive(proxy)
    const last = await appended(writer, { ...note('missed'), type: 'run.completed' })
    await swallowed
    await hub.verify((one) => one.awaitsMore)
    expect(feed.tail).toBe(last)
    expect(feed.awaitsMore).toBe(false)
  })

  test('a follower whose connection broke has everything after the reconnect, without being asked', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const { got } = await following(log, ref)
    const direct = await openLog(nats.url)
    await written(direct, ref, 5)
    await eventually(() => got.length).toBe(5)
    proxy.refuse(true)
    proxy.cutAll()
    await written(direct, ref, 800, 'unheard')
    proxy.refuse(false)
    await eventually(() => got.length, { timeout: 5000 }).toBe(805)
    expect(chainFault(got)).toBeNull()
  })

  test('a follower whose connection stalled has everything when it runs again', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const { got } = await following(log, ref)
    proxy.stall('down', true)
    await written(await openLog(nats.url), ref, 300)
    expect(got).toHaveLength(0)
    proxy.stall('down', false)
    await eventually(() => got.length).toBe(300)
    expect(chainFault(got)).toBeNull()
  })

  test('a slow reader gets everything once and in order, at its own pace', async () => {
    const log = await openLog(nats.url)
    const ref = newSession()
    const hub = hubOf(log)
    const feed = await hub.acquire(ref)
    const slow: StoredEvent[] = []
    const quick: StoredEvent[] = []
    let unwanted = 0
    let hasRoom = true
    const slowReader = new FeedReader(
      feed,
      0,
      (event) => {
        if (!hasRoom) unwanted++
        slow.push(event)
        hasRoom = slow.length % 7 !== 0
        return hasRoom
      },
      failTest,
    )
    const resume = () => {
      hasRoom = true
      slowReader.resume()
    }
    new FeedReader(feed, 0, (event) => quick.push(event) > 0, failTest).resume()
    resume()
    const writing = keepWriting(await openLog(nats.url), ref, 0)
    const room = setInterval(() => {
      if (!hasRoom) resume()
    }, 20)
    await eventually(() => quick.length, { timeout: 10_000 }).toBeGreaterThan(1500)
    await writing.stop()
    // Far behind the ring by now: the rest comes from the log.
    expect(slow.length).toBeLessThan(quick.length)
    clearInterval(room)
    await eventually(() => (resume(), slow.length), { interval: 1, timeout: 10_000 }).toBe(writing.seqs.length)
    expect(chainFault(slow)).toBeNull()
    expect(unwanted).toBe(0)
    expect(chainFault(quick)).toBeNull()
  })

  test('very many readers have everything once and in order, and leave room for others in between', async () => {
    const log = await openLog(nats.url)
    const ref = newSession()
    const feed = await hubOf(log).acquire(ref)
    const told = new Set<number>()
    let mostInOneTurn = 0
    const turn = () => {
      mostInOneTurn = Math.max(mostInOneTurn, told.size)
      told.clear()
      turning = setImmediate(turn)
    }
    let turning = setImmediate(turn)
    onTestFinished(() => clearImmediate(turning))
    const readers = Array.from({ length: 500 }, (_, index) => {
      const got: StoredEvent[] = []
      const deliver = (event: StoredEvent) => got.push(event) > 0 && told.add(index).size > 0
      const reader = new FeedReader(feed, 0, deliver, failTest)
      reader.resume()
      return { reader, got }
    })
    const writing = keepWriting(await openLog(nats.url), ref, 0)
    await eventually(() => readers[0]!.got.length, { timeout: 10_000 }).toBeGreaterThan(100)
    readers[100]!.reader.close()
    await writing.stop()
    const staying = readers.toSpliced(100, 1)
    await eventually(() => Math.min(...staying.map(({ got }) => got.length))).toBe(writing.seqs.length)
    expect(readers.map(({ got }) => chainFault(got)).filter((fault) => fault !== null)).toEqual([])
    expect(mostInOneTurn).toBeLessThan(500)
  })

  test('a reader that cannot take an event fails alone', async () => {
    const log = await openLog(nats.url)
    const ref = newSession()
    const [first] = await written(log, ref, 1)
    const feed = await hubOf(log).acquire(ref)
    const failures: unknown[] = []
    const refuse = (event: StoredEvent) => {
      if (event.seq !== first) throw new Error('cannot be told')
      return true
    }
    new FeedReader(feed, 0, refuse, (error) => failures.push(error)).resume()
    const got: StoredEvent[] = []
    new FeedReader(feed, 0, (event) => got.push(event) > 0, failTest).resume()
    await eventually(() => got.length).toBe(1)
    await written(log, ref, 3, 'later')
    await eventually(() => got.length).toBe(4)
    expect(chainFault(got)).toBeNull()
    expect(failures).toEqual([new Error('cannot be told')])
  })

  test('a reader that stands beyond what its feed has heard makes the feed catch up', async () => {
    const { proxy, log } = await behindProxy()
    const ref = newSession()
    const hub = hubOf(log)
    const feed = await hub.acquire(ref)
    const direct = await openLog(nats.url)
    const swallowed = swallowLive(proxy)
    const [seen] = await written(direct, ref, 1)
    await swallowed
    expect(feed.tail).toBe(0)
    const got: StoredEvent[] = []
    new FeedReader(feed, seen!, (event) => got.push(event) > 0, failTest).resume()
    await eventually(() => feed.tail).toBe(seen)
    await written(direct, ref, 2, 'later')
    await eventually(() => got.length).toBe(2)
    expect(chainFault(got, seen)).toBeNull()
  })

  test('a feed is shared, outlives its last reader for a while and is opened for readers anew', async () => {
    const log = await openLog(nats.url)
    const hub = hubOf(log)
    const ref = newSession()
    const [first, second] = await Promise.all([hub.acquire(ref), hub.acquire(ref)])
    expect(first).toBe(second)
    expect(hub.size).toBe(1)
    hub.release(first)
    hub.release(second)
    expect(await hub.acquire(ref)).toBe(first)
  })
})

function hubOf(log: Log): Hub {
  const hub = new Hub(log)
  onTestFinished(() => hub.close())
  return hub
}

async function following(log: Log, ref: SessionRef): Promise<{ hub: Hub; feed: Feed; got: StoredEvent[] }> {
  const hub = hubOf(log)
  const feed = await hub.acquire(ref)
  const got: StoredEvent[] = []
  new FeedReader(feed, 0, (event) => got.push(event) > 0, failTest).resume()
  return { hub, feed, got }
}

function failTest(error: unknown): never {
  throw error
}

/** Resolves when the next live message has been lost on its way. */
function swallowLive(proxy: TcpProxy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  proxy.intercept('down', (chunk) => {
    if (!chunk.includes('MSG live.')) return chunk
    proxy.intercept('down', undefined)
    resolve()
    return null
  })
  return promise
}

/** Appends as fast as it can. */
function keepWriting(log: Log, ref: SessionRef, after: number) {
  const seqs: number[] = []
  const stopping = new AbortController()
  const done = (async () => {
    const writer = new ChainWriter(log, ref, after)
    while (!stopping.signal.aborted) seqs.push(await appended(writer, note(`live ${seqs.length}`)))
  })()
  return {
    seqs,
    async stop() {
      stopping.abort()
      await done
    },
  }
}

function heapAfterCollecting(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
