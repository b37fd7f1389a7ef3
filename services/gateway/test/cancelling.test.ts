import { newId } from '@spool/events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { call, startRun, Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ SPOOL_DISCONNECT_MS: '200' })
})
afterAll(() => system?.stop())

let gate = Promise.withResolvers<void>()
afterEach(() => {
  gate.resolve()
  gate = Promise.withResolvers<void>()
})

/** A run that says one word and then waits for the gate. */
async function waitingRun(onDisconnect: 'continue' | 'cancel') {
  const { promise } = gate
  system.orchestrator.answers = async function* () {
    yield 'one '
    await promise
    yield 'two'
  }
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi', on_disconnect: onDisconnect })
  await stream.untilType('text.delta')
  const run = stream.headers['x-spool-run'] as string
  return { session, stream, run, path: `/v1/sessions/${session}/runs/${run}` }
}

const cancelsOf = (run: string) => system.orchestrator.cancels.filter((request) => request.run === run)

/** The questions that gateways ask each other. */
function questions(): string[] {
  const heard: string[] = []
  system.bus.nc.subscribe('followers.>', { callback: (_error, message) => void heard.push(message.subject) })
  return heard
}

test('a run that is cancelled ends, and the caller hears it when that is durable', async () => {
  const { path, stream, run, session } = await waitingRun('continue')
  const answer = await call(system.url, `${path}/cancel`, { method: 'POST' })
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({
    session,
    run,
    status: 'cancelled',
    cursor: expect.stringMatching(/^1-/) as string,
  })
  await stream.over
  expect(stream.frames.at(-1)!.id).toBe(answer.json['cursor'])
  expect(cancelsOf(run)).toMatchObject([{ by: 'user', reason: 'user' }])
})

test('a run that does not exist cannot be cancelled', async () => {
  const { status, json } = await call(system.url, `/v1/sessions/${newId()}/runs/none/cancel`, { method: 'POST' })
  expect([status, json['code']]).toEqual([404, 'unknown_run'])
})

describe('a run that wants to be cancelled when nobody follows', () => {
  test('is, some time after its last follower has left', async () => {
    const { stream, run, path } = await waitingRun('cancel')
    const second = await Watcher.open(system.url, `${path}/events`)
    await second.untilType('text.delta')
    stream.cut()
    second.cut()
    await until(() => cancelsOf(run).length === 1, 'the run is cancelled')
    expect(cancelsOf(run)).toMatchObject([{ reason: 'client_disconnected' }])
  })

  test('is not while somebody follows it through another gateway', async () => {
    const heard = questions()
    const other = await system.anotherGateway()
    const { stream, run, path, session } = await waitingRun('cancel')
    const second = await Watcher.open(other.url, `${path}/events`)
    await second.untilType('text.delta')
    stream.cut()
    await until(() => heard.some((subject) => subject.endsWith(session)), 'the gateway asks the others')
    gate.resolve()
    await second.over
    expect(second.frames.at(-1)!.event).toBe('run.completed')
    expect(cancelsOf(run)).toEqual([])
  })

  test('is not when its follower comes back in time', async () => {
    const { stream, run, path } = await waitingRun('cancel')
    stream.cut()
    const back = await Watcher.open(system.url, `${path}/events`, { headers: { 'last-event-id': stream.cursor } })
    // Longer than the time that a follower has: the ones who left before are dealt with by then.
    const another = await waitingRun('cancel')
    another.stream.cut()
    await until(() => cancelsOf(another.run).length === 1, 'the other run is cancelled')
    gate.resolve()
    await back.over
    expect(back.frames.at(-1)!.event).toBe('run.completed')
    expect(cancelsOf(run)).toEqual([])
  })

  test('is not because its gateway ends', async () => {
    const leaving = await system.anotherGateway()
    const { session, stream, run, path } = await waitingRun('cancel')
    const followed = await Watcher.open(leaving.url, `${path}/events`)
    await followed.untilType('text.delta')
    const heard = questions()
    await leaving.stop()
    await followed.over
    gate.resolve()
    await stream.over
    expect(heard.filter((subject) => subject.endsWith(session))).toEqual([])
    expect(cancelsOf(run)).toEqual([])
  })
})

test('a run that does not care goes on without followers', async () => {
  const { stream, run, path } = await waitingRun('continue')
  stream.cut()
  const other = await waitingRun('cancel')
  other.stream.cut()
  await until(() => cancelsOf(other.run).length === 1, 'the other run is cancelled')
  gate.resolve()
  const again = await Watcher.open(system.url, `${path}/events`)
  await again.over
  expect(again.frames.at(-1)!.event).toBe('run.completed')
  expect(cancelsOf(run)).toEqual([])
})
