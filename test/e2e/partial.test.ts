import { type EventFields, type EventType, draft, encodeEvent, newId } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, Log, Queries, publishJob } from '@spool/log'
import { type RunningNats, type SpoolUnderTest, startNats, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { writeAgentsFile } from './support/agents-file.ts'
import { type Frame, followOnce, textOf, tokensIn } from './support/follower.ts'
import { followRun, get, start, stream, until } from './support/system.ts'

// What the user stops is in cancel.test.ts, what a fork cuts off in fork.test.ts. Here: everything else that ends an
// answer before its time.

let nats: RunningNats
let spool: SpoolUnderTest

beforeAll(async () => {
  const agents = writeAgentsFile('http://127.0.0.1:1', 50, [
    "hurried: { model: 'demo/steady?tokens=100000&tps=50&seed=3', limits: { wall_clock_seconds: 1 } }",
  ])
  nats = await startNats()
  spool = await startSpool({
    nats,
    copies: { gateway: 2 },
    env: { ...agents.env, SPOOL_DISCONNECT_MS: '300', SPOOL_SWEEP_IDLE_MS: '1000' },
  })
})

afterAll(async () => {
  await spool?.stop()
  await nats?.stop()
})

interface Message {
  id: string
  role: string
  text: string
  status: string
  partial: boolean
  reason: string | null
}

/** The answer, once its run has ended and is stored. */
async function storedAnswer(session: string, run: string): Promise<Message> {
  const frames = await followRun(spool, session, run)
  const { message } = frames.findLast(({ event }) => event === 'message.completed')!.data
  const stored = await get<{ message: Message }>(spool, `/v1/sessions/${session}/messages/${String(message)}`)
  expect(stored.message.text).toBe(textOf(frames, run))
  return stored.message
}

/** Without following it. */
async function untilCancelled(session: string, run: string): Promise<void> {
  await until('the run is cancelled', async () => {
    const { run: stored } = await get<{ run: { status: string } }>(spool, `/v1/sessions/${session}/runs/${run}`)
    return stored.status === 'cancelled'
  })
}

test('an answer that its provider breaks off for good is kept as far as it came, and says why', async () => {
  const model = 'demo/fail?after=5&code=provider_refused'
  const { frames } = await stream(spool, 'failed', { message: 'go', model })
  const run = frames[0]!.data.run!
  const answer = await storedAnswer('failed', run)
  expect(answer).toMatchObject({ status: 'partial', partial: true, reason: 'provider_failed' })
  expect(answer.text).not.toBe('')
  expect(demoScript(model).join('').startsWith(answer.text)).toBe(true)
  expect(frames.at(-1)!.event).toBe('run.failed')
})

test('an answer whose reader has gone for good, where that was to end it', async () => {
  const leaving = new AbortController()
  const model = 'demo/steady?tokens=100000&tps=200&seed=8'
  const { frames } = await stream(
    spool,
    'left',
    { message: 'go', model, on_disconnect: 'cancel' },
    { signal: leaving.signal, onFrame: ({ event }) => event === 'text.delta' && leaving.abort() },
  )
  const run = frames[0]!.data.run!
  await untilCancelled('left', run)
  const answer = await storedAnswer('left', run)
  expect(answer).toMatchObject({ status: 'partial', partial: true, reason: 'client_disconnected' })
  expect(demoScript(model).join('').startsWith(answer.text)).toBe(true)
})

test('an answer whose reader had gone with its gateway, while others are still read or waited for', async () => {
  const model = 'demo/steady?tokens=100000&tps=50&seed=9'
  const ends = 'demo/steady?tokens=150&tps=50&seed=10'
  const wanted = { message: 'go', on_disconnect: 'cancel' }
  const { run } = await start(spool, 'orphaned', { ...wanted, model })
  const waiting = start(spool, 'waited-for', { ...wanted, model: ends }, { prefer: 'wait=20' })
  const read = stream(spool, 'read', { ...wanted, model: ends })
  const seen: Frame[] = []
  const events = `${spool.urls[1]}/v1/sessions/orphaned/runs/${run}/events`
  const following = followOnce(events, { key: spool.key, onFrame: (frame) => void seen.push(frame) })
  await until('it is read', () => tokensIn(seen) > 0)
  spool.kill('gateway', 2)
  await following
  await untilCancelled('orphaned', run)
  const answer = await storedAnswer('orphaned', run)
  expect(answer).toMatchObject({ status: 'partial', partial: true, reason: 'client_disconnected' })
  expect(await waiting).toMatchObject({ status: 200, body: { status: 'done' } })
  expect((await read).frames.at(-1)!.event).toBe('run.completed')
})

test('an answer that takes longer than its run may', async () => {
  const { run } = await start(spool, 'late', { message: 'go', agent: 'hurried' })
  const seen: Frame[] = []
  const frames = await followRun(spool, 'late', run, { onFrame: (frame) => void seen.push(frame) })
  expect(frames.at(-1)).toMatchObject({ event: 'run.cancelled', data: { reason: 'time_limit' } })
  expect(tokensIn(seen)).toBeGreaterThan(0)
  expect(await storedAnswer('late', run)).toMatchObject({ status: 'partial', partial: true, reason: 'cancelled' })
})

test('an answer on which one server after the other has crashed', async () => {
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  try {
    const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
    const ref = { tenant: 'default', session: 'crashed' }
    const writer = new ChainWriter(log, ref, 0)
    const say = async <Type extends EventType>(type: Type, fields: EventFields<Type>) => {
      await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields)) })
    }
    const [run, message] = [newId(), newId()]
    const by = { run, message, provider: 'demo', model: 'demo' }
    await say('run.started', { run, kind: 'agent', agent: 'demo', input: 'input' })
    await say('message.added', { run, message: 'input', role: 'user', parts: [{ type: 'text', text: 'go' }] })
    await say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
    await say('message.started', { ...by, role: 'assistant', purpose: 'answer' })
    // Each has said a word and died.
    for (let attempt = 1; attempt <= 20; attempt++) {
      const goesOn = { reason: attempt === 1 ? ('first' as const) : ('takeover' as const), kept: (attempt - 1) * 5 }
      await say('generation.started', { ...by, attempt, worker: `dead-${attempt}`, ...goesOn })
      await say('text.delta', { run, message, sequence: attempt, text: 'word ' })
    }
    await publishJob(log, ref, { kind: 'llm', key: message })
    const answer = await storedAnswer('crashed', run)
    expect(answer).toMatchObject({
      status: 'partial',
      partial: true,
      reason: 'server_crashed',
      text: 'word '.repeat(20),
    })
    expect((await followRun(spool, 'crashed', run)).at(-1)).toMatchObject({
      event: 'run.failed',
      data: { error: { code: 'server_crashed', message: expect.any(String) as string } },
    })
  } finally {
    await bus.close()
  }
})
