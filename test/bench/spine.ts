/**
 * The times that the spine is held to, measured: `npm run bench`. Prints a table and writes it as JSON to the path in
 * BENCH_JSON. Everything runs on this machine, load included, so quote the ratios of one run.
 */
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { type Frame, followOnce, tokensIn } from '../e2e/support/follower.ts'
import { followRun, start, until } from '../e2e/support/system.ts'
import { report, writeFigures } from './figures.ts'

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

function spread(values: readonly number[], digits = 0): string {
  const sorted = values.toSorted((a, b) => a - b)
  const shown = [0.5, 0.99].map((share) => percentile(sorted, share).toFixed(digits))
  return `p50 ${shown[0]}  p99 ${shown[1]} ms`
}

async function measureStart(): Promise<void> {
  const startedAt = performance.now()
  const spool = await startSpool()
  report(
    'a start with packages and build in place, data new',
    `${Math.round(performance.now() - startedAt)} ms`,
    '6,000 ms',
  )
  await spool.stop()
}

/** From the request for a cancel to its answer, which is the end of the stream, against a fast model. */
async function measureCancels(spool: SpoolUnderTest, runs: number): Promise<void> {
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
  report(`cancel at 1,000 tokens/s until it is durable (${runs} times)`, spread(answered), '200 ms')
  report(`cancel at 1,000 tokens/s until the stream ends (${runs} times)`, spread(ended), '200 ms')
}

/** Nobody is there to close the message: the orchestrator does, after its grace. */
async function measureCancelsWithoutProxy(spool: SpoolUnderTest, runs: number): Promise<void> {
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
  report(`cancel with every proxy frozen until it is durable (${runs} times)`, spread(answered), '1,000 ms')
}

async function cancel(spool: SpoolUnderTest, session: string, run: string): Promise<void> {
  const url = `${spool.url}/v1/sessions/${session}/runs/${run}/cancel`
  await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${spool.key}` } })
}

/** The longest silence that a watching client saw after the streaming proxy was killed. */
async function measureTakeovers(spool: SpoolUnderTest, runs: number): Promise<void> {
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
  const worst = Math.round(Math.max(...silences))
  report(
    `kill -9 of the streaming proxy: silence until the next token (${runs})`,
    `${spread(silences)}, worst ${worst}`,
    '6,000 ms',
  )
}

/** `demo/clock` says when it made each token; what is between that and our reading it is Spool, and the wires. */
async function measureLatency(spool: SpoolUnderTest, streams: number, tokensPerSecond: number): Promise<void> {
  const latencies: number[] = []
  const tokens = tokensPerSecond * 8
  const all = Array.from({ length: streams }, async (_, index) => {
    const session = `latency-${streams}-${index}`
    const model = `demo/clock?tokens=${tokens}&tps=${tokensPerSecond}`
    await followOnce(
      `${spool.url}/v1/sessions/${session}/runs`,
      {
        key: spool.key,
        onFrame: ({ event, data }) => {
          if (event !== 'text.delta' || (data['sequence'] as number) < tokensPerSecond) return
          const now = performance.timeOrigin + performance.now()
          for (const made of (data['text'] as string).trim().split(' ')) latencies.push(now - Number(made))
        },
      },
      {
        method: 'POST',
        body: JSON.stringify({ message: 'go', model }),
        headers: { 'content-type': 'application/json' },
      },
    )
  })
  await Promise.all(all)
  report(`token made -> client, ${streams} streams of ${tokensPerSecond} tokens/s`, spread(latencies, 1))
}

await measureStart()
const spool = await startSpool({ copies: { 'llm-proxy': 2 } })
try {
  await measureLatency(spool, 1, 50)
  await measureLatency(spool, 50, 50)
  await measureLatency(spool, 200, 50)
  await measureCancels(spool, 50)
  await measureCancelsWithoutProxy(spool, 5)
  await measureTakeovers(spool, 5)
} finally {
  await spool.stop()
}
writeFigures()
process.exit(0)
