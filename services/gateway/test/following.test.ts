import { newId } from '@spool/events'
import { isReset, Spool } from '@spool/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, chainFault, type ReceivedEvent, startRun, Watcher } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const spool = () => new Spool({ url: system.url, key: KEY, backoff: { maxMs: 20 } })
const refOf = (session: string) => ({ tenant: 'default', session })

/** A session with two runs that are over. */
async function twoRuns() {
  const session = newId()
  const one = await startRun(system.url, session, { message: 'one' })
  await one.over
  const two = await startRun(system.url, session, { message: 'two' })
  await two.over
  const run = two.headers['x-spool-run'] as string
  return { session, run, all: [...one.events, ...two.events], window: two.events, path: `/v1/sessions/${session}` }
}

async function follow(path: string, headers: Record<string, string> = {}): Promise<Watcher> {
  const watcher = await Watcher.open(system.url, path, { headers })
  await watcher.over
  return watcher
}

describe('the stream of a session', () => {
  test('has all history and then goes on live', async () => {
    const { session, path, all } = await twoRuns()
    const watcher = await Watcher.open(system.url, `${path}/events`)
    await watcher.until(({ events }) => events.length === all.length)
    await system.orchestrator.append(refOf(session), 'session.titled', { title: 'A title' })
    await watcher.untilType('session.titled')
    expect(watcher.events.slice(0, -1)).toEqual(all)
    expect(chainFault(watcher.events)).toBeNull()
    watcher.cut()
  })

  test('goes on after any cursor, and the header wins over the address', async () => {
    const { path, all } = await twoRuns()
    for (const [index, { seq }] of all.entries()) {
      const watcher = await Watcher.open(system.url, `${path}/events?after=1-${all[0]!.seq}`, {
        headers: { 'last-event-id': `1-${seq}` },
      })
      if (index < all.length - 1) await watcher.until(({ events }) => events.length === all.length - 1 - index)
      expect(watcher.events).toEqual(all.slice(index + 1))
      watcher.cut()
    }
  })

  test('cut at every event and resumed, through one gateway or the other, has every event once', async () => {
    const other = await system.anotherGateway()
    const { path, all } = await twoRuns()
    const seen: ReceivedEvent[] = []
    let cursor = '0'
    for (let turn = 0; seen.length < all.length; turn++) {
      const url = turn % 2 === 0 ? system.url : other.url
      const watcher = await Watcher.open(url, `${path}/events`, { headers: { 'last-event-id': cursor } })
      await watcher.until(({ frames }) => frames.length > 0)
      const [frame] = watcher.frames
      cursor = frame!.id!
      seen.push(JSON.parse(frame!.data) as ReceivedEvent)
      watcher.cut()
    }
    expect(seen).toEqual(all)
  })

  test('delivers an event that nobody can read as it is', async () => {
    const { session, path, all } = await twoRuns()
    const odd = ['{"type":"run.started","run":7}', '{}', '{"seq":1,"prev":1,"session":"x","v":1}', 'no json', '[1]']
    for (const body of odd) await system.orchestrator.appendRaw(refOf(session), 'custom.odd', body)
    const watcher = await Watcher.open(system.url, `${path}/events`)
    await watcher.until(({ frames }) => frames.length === all.length + odd.length)
    expect(chainFault(watcher.events)).toBeNull()
    expect(watcher.events.slice(all.length)).toMatchObject([
      { run: 7, session },
      { session },
      { session, v: 1 },
      { unreadable: 'no json', type: 'custom.odd' },
      { unreadable: '[1]' },
    ])
    watcher.cut()
  })
})

describe('the stream of a run', () => {
  test('is its window, from its first event to its last', async () => {
    const { path, run, window } = await twoRuns()
    const watcher = await follow(`${path}/runs/${run}/events`)
    expect(await watcher.over).toBe(true)
    expect(watcher.events).toEqual(window)
  })

  test('goes on after a cursor inside; from one before it begins at the first event', async () => {
    const { path, run, window, all } = await twoRuns()
    for (const { seq } of all.slice(0, -1)) {
      const watcher = await follow(`${path}/runs/${run}/events`, { 'last-event-id': `1-${seq}` })
      expect(watcher.events).toEqual(window.filter((event) => event.seq > seq))
    }
  })

  test('is over at its end and behind it: 204, so that a browser does not come back', async () => {
    const { session, path, run, window } = await twoRuns()
    const later = await system.orchestrator.append(refOf(session), 'session.titled', { title: 'A title' })
    for (const seq of [window.at(-1)!.seq, later, later + 1000]) {
      const { status, text } = await call(system.url, `${path}/runs/${run}/events`, {
        headers: { 'last-event-id': `1-${seq}` },
      })
      expect([status, text]).toEqual([204, ''])
    }
  })

  test('of a run that goes on is followed from anywhere to its end', async () => {
    const session = newId()
    const gate = Promise.withResolvers<void>()
    system.orchestrator.answers = async function* () {
      yield 'before '
      await gate.promise
      yield 'after'
    }
    const first = await startRun(system.url, session, { message: 'Hi' })
    await first.untilType('text.delta')
    const run = first.headers['x-spool-run'] as string
    const path = `/v1/sessions/${session}/runs/${run}/events`
    const late = await Watcher.open(system.url, path)
    const inside = await Watcher.open(system.url, path, { headers: { 'last-event-id': first.cursor } })
    // The archive is not needed for what is going on now.
    system.persistence.away = true
    const alone = await Watcher.open(system.url, path, { headers: { 'last-event-id': first.cursor } })
    const other = await system.anotherGateway()
    const fromLog = await Watcher.open(other.url, path)
    gate.resolve()
    await Promise.all([first, late, inside, alone, fromLog].map((watcher) => watcher.over))
    system.persistence.away = false
    expect(late.events).toEqual(first.events)
    expect(fromLog.events).toEqual(first.events)
    expect(inside.text).toBe('after')
    expect(alone.frames).toEqual(inside.frames)
  })

  test('waits for the memory that follows the end', async () => {
    const session = newId()
    const ref = refOf(session)
    const { append } = system.orchestrator
    const put = append.bind(system.orchestrator) as typeof append
    await put(ref, 'run.started', { run: 'r1', kind: 'agent', memory: 'on' })
    const watcher = await Watcher.open(system.url, `/v1/sessions/${session}/runs/r1/events`)
    const usage = { input_tokens: 0, output_tokens: 0 }
    await put(ref, 'run.completed', { run: 'r1', status: 'done', usage, steps: 1, duration_ms: 1 })
    await put(ref, 'run.started', { run: 'r2', kind: 'agent' })
    await put(ref, 'memory.updated', { run: 'r1', count: 0, memories: [] })
    await put(ref, 'session.titled', { title: 'not for the run' })
    await watcher.over
    expect(watcher.events.map(({ type, run }) => `${type} ${run}`)).toEqual([
      'run.started r1',
      'run.completed r1',
      'run.started r2',
      'memory.updated r1',
    ])
  })

  test('begins with its time in the queue', async () => {
    const session = newId()
    const ref = refOf(session)
    await system.orchestrator.append(ref, 'session.titled', { title: 'before' })
    const waiting = { run: 'q', kind: 'agent' as const, message: newId(), parts: [] }
    await system.orchestrator.append(ref, 'run.queued', waiting)
    await system.orchestrator.append(ref, 'session.titled', { title: 'meanwhile' })
    await system.orchestrator.append(ref, 'run.started', { run: 'q', kind: 'agent' })
    const error = { code: 'x', message: 'x', retryable: false }
    await system.orchestrator.append(ref, 'run.failed', { run: 'q', error })
    const watcher = await follow(`/v1/sessions/${session}/runs/q/events`)
    expect(watcher.events.map(({ type }) => type)).toEqual([
      'run.queued',
      'session.titled',
      'run.started',
      'run.failed',
    ])
  })
})

describe('a cursor that cannot be continued', () => {
  test.each([
    ['no event of the session', (seqs: number[]) => `1-${seqs.at(-1)! + 1}`],
    ['beyond everything', () => '1-99999999'],
    ['of a later epoch', (seqs: number[]) => `2-${seqs[3]}`],
  ])('%s: a reset with the session as it is, and then what comes after it', async (_name, cursorOf) => {
    const { session, path, all } = await twoRuns()
    await startRun(system.url, newId(), { message: 'takes the next positions' }).then(({ over }) => over)
    const cursor = cursorOf(all.map(({ seq }) => seq))
    const watcher = await Watcher.open(system.url, `${path}/events`, { headers: { 'last-event-id': cursor } })
    await watcher.untilType('reset')
    await system.orchestrator.append(refOf(session), 'session.titled', { title: 'after' })
    await watcher.untilType('session.titled')
    const last = `1-${all.at(-1)!.seq}`
    expect(watcher.frames[0]!.id).toBe(last)
    expect(JSON.parse(watcher.frames[0]!.data)).toMatchObject({ cursor: last, session: { id: session } })
    expect(chainFault(watcher.events, all.at(-1)!.seq)).toBeNull()
    watcher.cut()
  })

  test('as a page is a problem that says so', async () => {
    const { path } = await twoRuns()
    const { status, json } = await call(system.url, `${path}/events?after=1-99999999`, {
      headers: { accept: 'application/json' },
    })
    expect([status, json['code']]).toEqual([409, 'cursor_lost'])
  })
})

test('pages of a session are its stream, byte by byte', async () => {
  const { path, all } = await twoRuns()
  const events: unknown[] = []
  let after = '0'
  for (let more = true; more;) {
    const { status, headers, json } = await call(system.url, `${path}/events?limit=3&after=${after}`, {
      headers: { accept: 'application/json' },
    })
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    const page = json as { events: unknown[]; next: string; more: boolean }
    expect(page.events.length).toBeLessThanOrEqual(3)
    events.push(...page.events)
    ;({ next: after, more } = page)
  }
  expect(events).toEqual(all)
  expect(after).toBe(`1-${all.at(-1)!.seq}`)
})

describe('the SDK', () => {
  test('sends, has the whole text and reads snapshots it can follow from', async () => {
    system.orchestrator.answers = () => ['to', 'ge', 'ther']
    const session = spool().session(newId())
    const run = await session.send('Hi')
    expect(await run.text()).toBe('together')
    const { messages, cursor } = await session.messages()
    expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual(['user: Hi', 'assistant: together'])
    const abort = new AbortController()
    const next = session.follow({ after: cursor, signal: abort.signal }).next()
    await system.orchestrator.append(refOf(session.id), 'session.titled', { title: 'A title' })
    expect((await next).value).toMatchObject({ type: 'session.titled', title: 'A title' })
    abort.abort()
  })

  test('hands on a reset and follows from there', async () => {
    const { session } = await twoRuns()
    const abort = new AbortController()
    const events = spool().session(session).follow({ after: '1-99999999', signal: abort.signal })
    const { value: reset } = await events.next()
    expect(isReset(reset!) && reset.state['id']).toBe(session)
    await system.orchestrator.append(refOf(session), 'session.titled', { title: 'A title' })
    expect((await events.next()).value).toMatchObject({ type: 'session.titled' })
    abort.abort()
  })

  test('says what it was refused with', async () => {
    const { session } = await twoRuns()
    await expect(spool().session(session).followRun('unknown').next()).rejects.toMatchObject({
      name: 'Refused',
      status: 404,
      code: 'run_not_found',
    })
    await expect(new Spool({ url: system.url, key: 'wrong' }).session(session).send('Hi')).rejects.toMatchObject({
      status: 401,
    })
  })
})
