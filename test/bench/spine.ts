/**
 * The times that the spine is held to: a start, cancels, and the silence when a proxy is killed in mid-answer. Each on the
 * whole system as `npm start` runs it.
 */
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { type Frame, tokensIn } from '../e2e/support/follower.ts'
import { followRun, start, until } from '../e2e/support/system.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { spread } from './statistics.ts'

const MOST_MS = { start: 6000, cancel: 200, cancelWithoutProxy: 1000, takeover: 6000 }

type Line = Omit<Figure, 'sync' | 'beside'>

export async function measureSpine({ quick, sync }: Setting): Promise<Figure[]> {
  const lines = [await measureStart()]
  const spool = await startSpool({ copies: { 'llm-proxy': 2 } })
  try {
    lines.push(...(await measureCancels(spool, quick ? 3 : 50)))
    lines.push(await measureCancelsWithoutProxy(spool, quick ? 1 : 5))
    lines.push(await measureTakeovers(spool, quick ? 1 : 5))
  } finally {
    await spool.stop()
  }
  return lines.map((line) => ({ ...line, sync, beside: {} }))
}

const within = (mostMs: number, values: readonly number[]) => ({
  text: `${mostMs.toLocaleString('en')} ms`,
  reached: Math.max(...values) <= mostMs,
})
const spreadWithWorst = (values: readonly number[]) => ({ ...spread(values), worst: Math.max(...values) })

async function measureStart(): Promise<Line> {
  const startedAt = performance.now()
  const spool = await startSpool()
  const ms = performance.now() - startedAt
  await spool.stop()
  return {
    what: 'a start with packages and build in place, data new',
    unit: 'ms',
    spool: { 'until ready': ms },
    asked: within(MOST_MS.start, [ms]),
  }
}

/** From the request for a cancel to its answer, which is the end of the stream, against a fast model. */
async function measureCancels(spool: SpoolUnderTest, runs: number): Promise<Line[]> {
  const answered: number[] = []
  const ended: number[] = []
  for (let index = 0; index < runs; index++) {
    const session = `cancel-${index}`
    const { run } = await start(spool, session, { message: 'go', model: 'demo/steady?tokens=100000&tps=1000&seed=1' })
    const seen: Frame[] = []
    const following = followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) })
    await until('100 tokens', () => tokensIn(seen) >= 100)
    const askedAt = performance.now()
    await cancel(spool, session, run)
    answered.push(performance.now() - askedAt)
    await following
    ended.push(performance.now() - askedAt)
  }
  const lineOf = (until_: string, values: readonly number[]): Line => ({
    what: `cancel at 1,000 tokens/s until ${until_} (${runs} times)`,
    unit: 'ms',
    spool: spreadWithWorst(values),
    asked: within(MOST_MS.cancel, values),
  })
  return [lineOf('it is durable', answered), lineOf('the stream ends', ended)]
}

/** Nobody is there to close the message: the orchestrator does, after its grace. */
async function measureCancelsWithoutProxy(spool: SpoolUnderTest, runs: number): Promise<Line> {
  const answered: number[] = []
  for (let index = 0; index < runs; index++) {
    const session = `no-proxy-${index}`
    const { run } = await start(spool, session, { message: 'go', model: 'demo/steady?tokens=1000&tps=50&seed=1' })
    const seen: Frame[] = []
    const following = followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) })
    await until('10 tokens', () => tokensIn(seen) >= 10)
    const proxies = spool.pids('llm-proxy')
    for (const pid of proxies) process.kill(pid, 'SIGSTOP')
    const askedAt = performance.now()
    await cancel(spool, session, run)
    answered.push(performance.now() - askedAt)
    for (const pid of proxies) process.kill(pid, 'SIGCONT')
    await following
  }
  return {
    what: `cancel with every proxy frozen until it is durable (${runs} times)`,
    unit: 'ms',
    spool: spreadWithWorst(answered),
    asked: within(MOST_MS.cancelWithoutProxy, answered),
  }
}

async function cancel(spool: SpoolUnderTest, session: string, run: string): Promise<void> {
  const url = `${spool.url}/v1/sessions/${session}/runs/${run}/cancel`
  await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${spool.key}` } })
}

/** The longest silence that a watching client saw after the streaming proxy was killed. */
async function measureTakeovers(spool: SpoolUnderTest, runs: number): Promise<Line> {
  const silences: number[] = []
  for (let index = 0; index < runs; index++) {
    const session = `takeover-${index}`
    const { run } = await start(spool, session, { message: 'go', model: 'demo/steady?tokens=150&tps=50&seed=1' })
    const seen: { frame: Frame; at: number }[] = []
    const following = followRun(spool, session, run, {
      onFrame: (frame) => void seen.push({ frame, at: performance.now() }),
    })
    await until('40 tokens', () => tokensIn(seen.map(({ frame }) => frame)) >= 40)
    const worker = seen.find(({ frame }) => frame.event === 'generation.started')!.frame.data['worker'] as string
    spool.kill('llm-proxy', Number(/^llm-proxy-(\d+)-/.exec(worker)![1]))
    await following
    silences.push(Math.max(...seen.slice(1).map(({ at }, place) => at - seen[place]!.at)))
    await spool.waitReady()
  }
  return {
    what: `kill -9 of the streaming proxy: silence until the next token (${runs} times)`,
    unit: 'ms',
    spool: spreadWithWorst(silences),
    asked: within(MOST_MS.takeover, silences),
  }
}

if (import.meta.main) await measured(measureSpine)
