import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { type Frame, chainProblems, followOnce, textOf, tokensIn } from './support/follower.ts'
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

test('a run that nobody has taken up yet can be followed, in each way, from the first event on', async () => {
  const model = 'demo/steady?tokens=20&tps=100&seed=15'
  const session = 'not-taken-up'
  const orchestrator = spool.pidOf('agent-orchestrator')
  const url = `${spool.url}/v1/sessions/${session}`
  const { key } = spool
  const headers = { authorization: `Bearer ${key}` }
  process.kill(orchestrator, 'SIGSTOP')
  const leave = new AbortController()
  const socket = new WebSocket(`${spool.url.replace('http', 'ws')}/v1/ws`, { headers })
  try {
    const { status, run, body } = await start(spool, session, { message: 'go', model })
    expect([status, body['cursor']]).toEqual([202, null])
    // Nobody has asked for these.
    expect((await followOnce(`${url}/runs/${run}0/events`, { key })).status).toBe(404)
    expect((await followOnce(`${url}-other/events`, { key })).status).toBe(404)

    let open = 0
    const onOpen = () => void open++
    const { events } = body['links'] as { events: string }
    const ofRun = followOnce(spool.url + events, { key, onOpen })
    const ofSession = followOnce(`${url}/events`, { key, onOpen, signal: leave.signal })
    const chat = await fetch(`${spool.url}/chat/stream?session_id=${session}`, { headers })
    const heard: { ok?: object; event?: { seq: number } }[] = []
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as object))
    socket.send(JSON.stringify({ op: 'follow', id: '1', session }))
    await until('all of them wait', () => open === 2 && heard.length > 0)
    expect(chat.headers.get('x-spool-run')).toBe(run)

    process.kill(orchestrator, 'SIGCONT')
    const { frames } = await ofRun
    expect(chainProblems(frames)).toEqual([])
    expect(textOf(frames, run)).toBe(demoScript(model).join(''))
    const said = [...(await chat.text()).matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data!).content)
    expect(said.join('')).toBe(demoScript(model).join(''))
    const seqs = frames.map(({ data }) => data.seq)
    const heardOf = () => heard.flatMap(({ event }) => (event === undefined ? [] : [event.seq]))
    await until('all is heard over the WebSocket', () => heardOf().length >= seqs.length)
    expect(heardOf().slice(0, seqs.length)).toEqual(seqs)

    // Who was cut off before the first word of a second turn is not shown the first one again.
    process.kill(orchestrator, 'SIGSTOP')
    const second = await start(spool, session, { message: 'and now?', model })
    const again = await fetch(`${spool.url}/chat/stream?session_id=${session}`, { headers })
    expect(again.headers.get('x-spool-run')).toBe(second.run)
    process.kill(orchestrator, 'SIGCONT')
    expect(await again.text()).toContain('data: [DONE]')

    leave.abort()
    const seen = (await ofSession).frames.map(({ data }) => data.seq)
    expect(seen.slice(0, seqs.length)).toEqual(seqs)
  } finally {
    process.kill(orchestrator, 'SIGCONT')
    leave.abort()
    socket.close()
  }
})
