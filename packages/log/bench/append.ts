/*
 * What the writer's rule costs: chained appends by the `ChainWriter` against a bare publish with the same headers, and
 * how long an event takes to a live follower. Build first, then: node packages/log/bench/append.ts
 */
import { headers } from '@nats-io/nats-core'
import { newId } from '@spool/events'
import { type Archive, Bus, ChainWriter, FeedReader, Header, Hub, Log, provision, type SessionRef } from '@spool/log'
import { startNats } from '@spool/testing'

const BODY = new TextEncoder().encode(JSON.stringify({ v: 1, type: 'text.delta', text: 'x'.repeat(140) }))
const TYPE = 'text.delta'
/** Short ones, in turns: whatever else runs on the machine disturbs both alike. */
const ROUNDS = 41
const ALONE = 1000
const SESSIONS = 500
const EACH = 8
const PACED = 5000

/** Every session here is new, and nothing has left the stream. */
const emptyArchive: Archive = {
  tail: async () => ({ seq: 0, erased: false }),
  read: async function* () {},
  has: async () => false,
  state: async () => null,
  heights: async () => [],
}

const nats = await startNats()
const bus = await Bus.connect({ servers: nats.url, name: 'bench' })
await provision(bus)
const log = await Log.open(bus, emptyArchive)
const newSession = (): SessionRef => ({ tenant: 'bench', session: newId() })

async function bare(count: number): Promise<void> {
  const subject = log.subjects.log(newSession())
  for (let seq = 0, i = 0; i < count; i++) {
    const head = headers()
    head.set('Nats-Expected-Last-Subject-Sequence', String(seq))
    head.set(Header.id, newId())
    head.set(Header.prev, String(seq))
    head.set(Header.type, TYPE)
    ;({ seq } = await bus.js.publish(subject, BODY, { headers: head }))
  }
}

async function byWriter(count: number): Promise<void> {
  const writer = new ChainWriter(log, newSession(), 0)
  for (let i = 0; i < count; i++) {
    const { outcome } = await writer.append({ id: newId(), type: TYPE, body: BODY })
    if (outcome !== 'stored') throw new Error('somebody else was here')
  }
}

async function perSecond(appends: number, work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now()
  await work()
  return (appends * 1000) / (performance.now() - beganAt)
}

const many = (append: (count: number) => Promise<void>) => () =>
  Promise.all(Array.from({ length: SESSIONS }, () => append(EACH)))

const say = (line: string) => process.stdout.write(`${line}\n`)

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function compare(name: string, appends: number, bareWork: () => Promise<unknown>, work: () => Promise<unknown>) {
  const bareRates: number[] = []
  const rates: number[] = []
  await bareWork()
  await work()
  for (let round = 0; round < ROUNDS; round++) {
    bareRates.push(await perSecond(appends, bareWork))
    rates.push(await perSecond(appends, work))
  }
  const [bareRate, rate] = [median(bareRates), median(rates)]
  const share = ((100 * rate) / bareRate).toFixed(0)
  say(`${name}: bare ${bareRate.toFixed(0)}/s, writer ${rate.toFixed(0)}/s (${share} %)`)
}

async function toFollower(): Promise<void> {
  const ref = newSession()
  const hub = new Hub(log)
  const feed = await hub.acquire(ref)
  const tookMs: number[] = []
  let sentAt = 0
  const reader = new FeedReader(
    feed,
    0,
    () => tookMs.push(performance.now() - sentAt) > 0,
    (error) => {
      throw error
    },
  )
  reader.resume()
  const writer = new ChainWriter(log, ref, 0)
  for (let i = 0; i < PACED; i++) {
    sentAt = performance.now()
    await writer.append({ id: newId(), type: TYPE, body: BODY })
    while (tookMs.length <= i) await new Promise((resolve) => setImmediate(resolve))
  }
  tookMs.sort((a, b) => a - b)
  const at = (share: number) => tookMs[Math.floor(share * PACED)]!.toFixed(2)
  say(`append to live follower: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`)
  reader.close()
  hub.close()
}

say(`nats-server ${nats.version}, one node, files, server's default for fsync`)
await compare(
  'one session',
  ALONE,
  () => bare(ALONE),
  () => byWriter(ALONE),
)
await compare(`${SESSIONS} sessions`, SESSIONS * EACH, many(bare), many(byWriter))
await toFollower()
await bus.close()
await nats.stop()
