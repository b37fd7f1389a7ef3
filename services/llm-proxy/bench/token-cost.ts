/**
 * What one token costs the proxy: `node services/llm-proxy/bench/token-cost.ts` after a build. First each part alone,
 * without a bus, then the whole way into the log of a real server.
 */
import { draft, emptySession, encodeEvent, fold, newId, type SessionState, type SpoolEvent } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, Log, Queries, provision } from '@spool/log'
import { startNats } from '@spool/testing'

const run = newId()
const message = newId()
const TOKENS = 20_000

function time(what: string, each: (index: number) => unknown): void {
  for (let index = 0; index < TOKENS; index++) each(index)
  const startedMs = performance.now()
  for (let index = 0; index < TOKENS; index++) each(index)
  report(what, performance.now() - startedMs)
}

function report(what: string, tookMs: number): void {
  process.stdout.write(`${what.padEnd(28)} ${((tookMs * 1000) / TOKENS).toFixed(2)} µs per token\n`)
}

const delta = (sequence: number): SpoolEvent => draft('text.delta', { run, message, sequence, text: 'a token ' })

function begun(): SessionState {
  let state = emptySession()
  const about = { run, message, provider: 'demo', model: 'demo' }
  const events: SpoolEvent[] = [
    draft('run.started', { run, kind: 'agent', agent: 'demo', model: 'demo', input: newId() }),
    draft('message.requested', { run, message, purpose: 'answer', model: 'demo' }),
    draft('message.started', { ...about, role: 'assistant', purpose: 'answer' }),
    draft('generation.started', { ...about, attempt: 1, worker: 'w', reason: 'first', kept: 0 }),
  ]
  for (const event of events) state = fold(state, { seq: state.seq + 1, event })
  return state
}

const event = delta(1)
let state = begun()
time('draft', (index) => delta(index + 1))
time('encode', () => encodeEvent(event))
time('id', () => newId())
time('fold', () => {
  state = fold(state, { seq: state.seq + 1, event })
})

const nats = await startNats()
const bus = await Bus.connect({ servers: nats.url, name: 'bench' })
await provision(bus, { logMaxBytes: 512 * 1024 ** 2 })
const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
for (const sessions of [1, 50]) {
  const writers = Array.from({ length: sessions }, () => new ChainWriter(log, { tenant: 'bench', session: newId() }, 0))
  const startedMs = performance.now()
  const cpuBefore = process.cpuUsage()
  await Promise.all(
    writers.map(async (writer) => {
      for (let sequence = 1; sequence <= TOKENS / sessions; sequence++) {
        const one = delta(sequence)
        await writer.append({ id: newId(), type: one.type, body: encodeEvent(one) })
      }
    }),
  )
  const cpu = process.cpuUsage(cpuBefore)
  report(`append, ${sessions} at once, time`, performance.now() - startedMs)
  report(`append, ${sessions} at once, processor`, (cpu.user + cpu.system) / 1000)
}
await bus.close()
await nats.stop()
process.exit()
