import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { type Frame, chainProblems, textOf, tokensIn } from './support/follower.ts'
import { followRun, start, until } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool({ copies: { 'llm-proxy': 2 } })
})

afterAll(() => spool?.stop())

/** Which copy of the proxy writes the answer. */
function workerOf(frames: readonly Frame[]): number {
  const started = frames.findLast((frame) => frame.event === 'generation.started')
  return Number(/^llm-proxy-(\d+)-/.exec(String(started?.data['worker']))![1])
}

test('kill -9 of the streaming proxy: another goes on within 6 s and the text is exactly what the model says', async () => {
  const model = 'demo/steady?tokens=150&tps=50&seed=11'
  const { run } = await start(spool, 'killed', { message: 'go', model })
  const seen: Frame[] = []
  const times: number[] = []
  const watching = followRun(spool, 'killed', run, {
    onFrame: (frame) => {
      seen.push(frame)
      times.push(performance.now())
    },
  })
  await until('40 tokens', () => tokensIn(seen) >= 40)
  spool.kill('llm-proxy', workerOf(seen))
  const frames = await watching

  const longestSilenceMs = Math.max(...times.slice(1).map((time, index) => time - times[index]!))
  console.info(`takeover after kill -9: silence of ${Math.round(longestSilenceMs)} ms`)
  expect(longestSilenceMs).toBeLessThan(15_000)
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  const attempts = frames.filter((frame) => frame.event === 'generation.started')
  expect(attempts.map((frame) => frame.data['reason'])).toEqual(['first', 'takeover'])
  const later = await followRun(spool, 'killed', run)
  expect(later.map((frame) => frame.data)).toEqual(frames.map((frame) => frame.data))
})

test('a proxy frozen for 30 s: another finishes the answer, and the woken one writes nothing and takes no job away', async () => {
  const model = 'demo/steady?tokens=1200&tps=30&seed=12'
  const { run } = await start(spool, 'frozen', { message: 'go', model })
  const seen: Frame[] = []
  const watching = followRun(spool, 'frozen', run, { onFrame: (frame) => void seen.push(frame) })
  await until('30 tokens', () => tokensIn(seen) >= 30)
  const frozen = workerOf(seen)
  const pid = spool.pidOf('llm-proxy', frozen)
  process.kill(pid, 'SIGSTOP')
  const frozenAt = performance.now()
  try {
    await until('the takeover', () => seen.filter((frame) => frame.event === 'generation.started').length === 2)
    console.info(`takeover after a freeze: ${Math.round(performance.now() - frozenAt)} ms`)
    await until('30 s of frost', () => performance.now() - frozenAt > 30_000, 40_000)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const frames = await watching
  expect(spool.pidOf('llm-proxy', frozen)).toBe(pid)
  expect(workerOf(frames)).not.toBe(frozen)
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  expect(frames.filter((frame) => frame.event === 'generation.started')).toHaveLength(2)
  expect(frames.filter((frame) => frame.event === 'message.completed')).toHaveLength(1)
}, 90_000)

test('SIGTERM hands an unfinished answer over, and not a token is lost or said twice', async () => {
  const model = 'demo/steady?tokens=300&tps=50&seed=13'
  const { run } = await start(spool, 'redeployed', { message: 'go', model })
  const seen: Frame[] = []
  const watching = followRun(spool, 'redeployed', run, { onFrame: (frame) => void seen.push(frame) })
  await until('40 tokens', () => tokensIn(seen) >= 40)
  spool.kill('llm-proxy', workerOf(seen), 'SIGTERM')
  const frames = await watching
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  expect(frames.filter((frame) => frame.event === 'generation.started')).toHaveLength(2)
})
