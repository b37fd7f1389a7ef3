import {
  type RunningNats,
  type SpoolUnderTest,
  type TcpProxy,
  startNats,
  startSpool,
  startTcpProxy,
} from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { type Frame, chainProblems, textOf, tokensIn } from './support/follower.ts'
import { followRun, start, until } from './support/system.ts'

let nats: RunningNats
let wire: TcpProxy
let spool: SpoolUnderTest

beforeAll(async () => {
  nats = await startNats()
  wire = await startTcpProxy({ host: '127.0.0.1', port: nats.port })
  spool = await startSpool({ copies: { 'llm-proxy': 2 }, nats: { url: `nats://127.0.0.1:${wire.port}` } })
})

afterAll(async () => {
  await spool?.stop()
  await wire?.stop()
  await nats?.stop()
})

test('the bus gone for 8 s: nobody takes over the answer of a living worker, and every token comes once', async () => {
  const model = 'demo/steady?tokens=600&tps=40&seed=21'
  const runs = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const session = `outage-${index}`
      const { run } = await start(spool, session, { message: 'go', model })
      const seen: Frame[] = []
      return {
        session,
        run,
        seen,
        watching: followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) }),
      }
    }),
  )
  await until('20 tokens each', () => runs.every(({ seen }) => tokensIn(seen) >= 20))
  wire.refuse(true)
  wire.cutAll()
  const goneAt = performance.now()
  await until('8 s without a bus', () => performance.now() - goneAt > 8000)
  wire.refuse(false)
  for (const { run, watching } of runs) {
    const frames = await watching
    expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
    expect(textOf(frames, run)).toBe(demoScript(model).join(''))
    expect(frames.filter((frame) => frame.event === 'generation.started')).toHaveLength(1)
  }
}, 90_000)
