/**
 * How long a client that comes back to a session of 10,000 events waits for them:
 * `npm run build && node test/bench/resume.ts [sessions] [events]`. Each session is read once from NATS and once, after
 * its events have left NATS, from Postgres, so nobody has it at hand. Over HTTP, through the gateway, uncompressed.
 */
import { request } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, Log, purgeBefore, Queries, type SessionRef, streamExtent } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { until } from '../e2e/support/system.ts'
import { cpuMsOf } from './cpu-time.ts'

const sessions = Number(process.argv[2] ?? 20)
const events = Number(process.argv[3] ?? 10_000)

/** One long answer. Gives back the first position, from which a client comes back, and the last. */
async function written(log: Log, ref: SessionRef): Promise<{ first: number; last: number }> {
  const writer = new ChainWriter(log, ref, 0)
  const [run, input, message] = [newId(), newId(), newId()]
  const say = async (event: SpoolEvent) => {
    const appended = await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
    if (appended.outcome !== 'stored') throw new Error('somebody else has written')
    return appended.seq
  }
  const first = await say(draft('run.started', { run, kind: 'agent', agent: 'default', model: 'demo', input }))
  await say(
    draft('message.started', { run, message, role: 'assistant', purpose: 'answer', provider: 'demo', model: 'demo' }),
  )
  for (let sequence = 1; sequence <= events - 2; sequence++) {
    await say(draft('text.delta', { run, message, sequence, text: `some words of the answer, ${sequence} ` }))
  }
  return { first, last: writer.position }
}

interface Resumed {
  firstByteMs: number
  firstEventMs: number
  allMs: number
  bytes: number
}

function resumed(spool: SpoolUnderTest, session: string, after: number, last: number): Promise<Resumed> {
  const end = Buffer.from(`id: 1-${last}\n`)
  const headers = { authorization: `Bearer ${spool.key}`, accept: 'text/event-stream', 'last-event-id': `1-${after}` }
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    let firstByteMs = 0
    let firstEventMs = 0
    let bytes = 0
    const asking = request(`${spool.url}/v1/sessions/${session}/events`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.on('data', (chunk: Buffer) => {
        const now = performance.now() - startedAt
        firstByteMs ||= now
        bytes += chunk.length
        if (firstEventMs === 0 && chunk.includes('id: ')) firstEventMs = now
        // The last frame may be cut anywhere; the end of it comes with the next chunk, a moment later.
        if (!chunk.includes(end)) return
        resolve({ firstByteMs, firstEventMs, allMs: performance.now() - startedAt, bytes })
        asking.destroy()
      })
    })
    asking.on('error', reject)
    asking.end()
  })
}

function report(source: string, all: readonly Resumed[]): void {
  const show = (of: (one: Resumed) => number) => {
    const sorted = all.map(of).toSorted((a, b) => a - b)
    return `best ${sorted[0]!.toFixed(1)}  p50 ${sorted[sorted.length >> 1]!.toFixed(1)}  max ${sorted.at(-1)!.toFixed(1)} ms`
  }
  const say = (what: string, value: string, asked = '') =>
    process.stdout.write(`${`from ${source}: ${what}`.padEnd(36)} ${value.padStart(42)}   ${asked}\n`)
  say(
    'first byte',
    show((one) => one.firstByteMs),
    'asked: 20 ms',
  )
  say(
    'first event',
    show((one) => one.firstEventMs),
  )
  say(
    `all ${events} events, ${(all[0]!.bytes / 1e6).toFixed(1)} MB`,
    show((one) => one.allMs),
    'asked: 500 ms',
  )
}

const spool = await startSpool()
const { natsUrl } = JSON.parse(readFileSync(join(spool.dataFolder, 'run', 'connections.json'), 'utf8')) as {
  natsUrl: string
}
const bus = await Bus.connect({ servers: natsUrl, name: 'bench' })
try {
  const queries = new Queries(bus)
  const log = await Log.open(bus, new ArchiveOverNats(queries))
  const names = Array.from({ length: sessions }, (_, index) => `resume-${index}`)
  const places = await Promise.all(names.map((session) => written(log, { tenant: 'default', session })))
  const { firstSeq, lastSeq } = await streamExtent(log, 0)
  await until(
    'all is stored',
    async () => (await queries.ask<number[]>('heights', {}).catch(() => [0]))[0] === lastSeq,
    120_000,
  )
  const parts = ['gateway', 'persistence', 'nats', 'postgres']
  const all = async (source: string) => {
    const figures: Resumed[] = []
    const before = parts.map((part) => cpuMsOf(spool.pidOf(part)))
    for (const [index, session] of names.entries()) {
      const { first, last } = places[index]!
      figures.push(await resumed(spool, session, first, last))
    }
    const spent = parts.map((part, index) => (cpuMsOf(spool.pidOf(part)) - before[index]!) / names.length)
    report(source, figures)
    const cost = parts.map((part, index) => `${part} ${spent[index]!.toFixed(0)} ms`).join(', ')
    process.stdout.write(`from ${source}: processor time of each resume: ${cost}\n`)
  }
  // Nobody measures what is compiled for the first time.
  for (let i = 0; i < 3; i++) await resumed(spool, names[0]!, places[0]!.first, places[0]!.last)
  await new Promise((resolve) => setTimeout(resolve, 8000))
  await all('NATS')
  // So that no gateway has anything of it at hand.
  await new Promise((resolve) => setTimeout(resolve, 8000))
  await purgeBefore(log, 0, firstSeq, lastSeq)
  await all('Postgres')
} finally {
  await bus.close()
  await spool.stop()
}
process.exit(0)
