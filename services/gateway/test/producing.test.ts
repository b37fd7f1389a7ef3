import { newId } from '@spool/events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call, chainFault, Watcher } from './support/http.ts'
import { OTHER_KEY, startSystem, type System } from './support/system.ts'

let system: System
let other: string
beforeAll(async () => {
  system = await startSystem()
  other = (await system.anotherGateway()).url
})
afterAll(() => system?.stop())

/** A producer that speaks to whichever gateway it likes. */
class Producer {
  readonly session = newId()
  message = ''
  url = system.url

  get at() {
    return `/v1/sessions/${this.session}/messages/${this.message}`
  }

  async begin(body: object = { role: 'assistant', model: 'theirs' }, key?: string): Promise<Answer> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    const answer = await call(this.url, `/v1/sessions/${this.session}/messages`, { body, headers })
    if (answer.status === 201) this.message = String(answer.json['message'])
    return answer
  }

  async append(text: string, sequence?: number): Promise<[status: number, json: Answer['json']]> {
    const { status, json } = await call(this.url, `${this.at}/chunks`, { body: { text, sequence } })
    return [status, json]
  }

  async finalize(body: object = {}): Promise<[status: number, json: Answer['json']]> {
    const { status, json } = await call(this.url, `${this.at}/finalize`, { body })
    return [status, json]
  }

  async events(): Promise<Record<string, unknown>[]> {
    const { json } = await call(system.url, `/v1/sessions/${this.session}/events?limit=1000`, {
      headers: { accept: 'application/json' },
    })
    return json['events'] as Record<string, unknown>[]
  }
}

async function begun(): Promise<Producer> {
  const producer = new Producer()
  expect((await producer.begin()).status).toBe(201)
  return producer
}

const pull = async ({ at }: Producer, after: number | string = 0, url = system.url) => {
  const { status, json } = await call(url, `${at}/chunks?after=${after}`)
  return { status, ...json } as { status: number; chunks?: { text: string; sequence: number }[] } & Answer['json']
}

test('what a producer writes is a run of its own, seen by whoever follows from the cursor it began at', async () => {
  const producer = new Producer()
  const { json, headers } = await producer.begin()
  const { run, message } = json as Record<string, string>
  expect(json).toEqual({ session: producer.session, run, message, cursor: '0' })
  expect(headers).toMatchObject({ 'x-spool-session': producer.session, 'x-spool-run': run })
  const events = `/v1/sessions/${producer.session}/runs/${run}/events`
  const watcher = await Watcher.open(system.url, events)
  expect(await producer.append('Hello')).toEqual([200, { sequence: 1 }])
  expect(await producer.append(', world', 2)).toEqual([200, { sequence: 2 }])
  await watcher.until(({ text }) => text === 'Hello, world')
  const usage = { input_tokens: 3, output_tokens: 4 }
  const [status, ended] = await producer.finalize({ usage })
  expect([status, ended]).toEqual([
    200,
    expect.objectContaining({ message, status: 'complete', finish_reason: 'stop' }),
  ])
  expect(await watcher.over).toBe(true)
  expect(watcher.events.map(({ type }) => type)).toEqual([
    'run.started',
    'message.started',
    'text.delta',
    'text.delta',
    'message.completed',
    'run.completed',
  ])
  expect(chainFault(watcher.events)).toBeNull()
  expect(watcher.events.at(-2)).toMatchObject({ usage, reason: 'stop', timing: { chunks: 2 } })
  expect(ended['cursor']).toBe(watcher.cursor)
})

describe('beginning', () => {
  test('is refused while the session is busy, also by a producer, and creates a session that is not there', async () => {
    const producer = await begun()
    const again = await producer.begin()
    expect([again.status, again.json['code']]).toEqual([409, 'session_busy'])
    await producer.finalize()
    expect((await producer.begin()).status).toBe(201)
  })

  test('may be repeated under its key, anywhere, at once, and after its end', async () => {
    const producer = new Producer()
    const key = newId()
    const body = { role: 'assistant' }
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        call(at % 2 ? other : system.url, `/v1/sessions/${producer.session}/messages`, {
          body,
          headers: { 'idempotency-key': key },
        }),
      ),
    )
    const first = await producer.begin(body, key)
    for (const { status, json } of answers) expect([status, json]).toEqual([201, first.json])
    await producer.append('Hi')
    await producer.finalize()
    expect((await producer.begin(body, key)).json).toEqual(first.json)
    const reused = await producer.begin({ role: 'assistant', model: 'another' }, key)
    expect([reused.status, reused.json['code']]).toEqual([422, 'idempotency_key_reused'])
    expect((await producer.events()).filter(({ type }) => type === 'run.started')).toHaveLength(1)
  })
})

describe('a chunk', () => {
  test('repeated is answered the same, through any gateway, while it is written and after its end', async () => {
    const producer = await begun()
    for (const text of ['a', 'b', 'c']) await producer.append(text)
    for (const url of [system.url, other]) {
      producer.url = url
      expect(await producer.append('b', 2)).toEqual([200, { sequence: 2 }])
      expect(await producer.append('c', 3)).toEqual([200, { sequence: 3 }])
    }
    await producer.finalize()
    expect(await producer.append('c', 3)).toEqual([200, { sequence: 3 }])
    expect((await producer.events()).filter(({ type }) => type === 'text.delta')).toHaveLength(3)
  })

  test('with another text, or that leaves a gap, is refused with the one that is expected', async () => {
    const producer = await begun()
    await producer.append('a')
    const wrong = [409, expect.objectContaining({ code: 'chunk_conflict', expected: 2 })]
    expect(await producer.append('b', 1)).toEqual(wrong)
    expect(await producer.append('c', 3)).toEqual(wrong)
    expect(await producer.append('b', 2)).toEqual([200, { sequence: 2 }])
  })

  test('after the end is refused with what happened', async () => {
    const producer = await begun()
    await producer.finalize({ finish_reason: 'length' })
    const closed = { code: 'message_closed', status: 409, message_status: 'complete', reason: 'length' }
    expect(await producer.append('late')).toEqual([409, expect.objectContaining(closed)])
    expect(await producer.finalize()).toEqual([409, expect.objectContaining(closed)])
    expect(await producer.finalize({ finish_reason: 'length' })).toEqual([
      200,
      expect.objectContaining({ status: 'complete' }),
    ])
  })

  test('of two producers with the same number: one is taken, the other hears which comes next', async () => {
    const producer = await begun()
    for (let sequence = 1; sequence <= 20; sequence++) {
      const texts = ['one', 'two'].map((name) => `${name} ${sequence}. `)
      const both = await Promise.all(
        texts.map((text, at) => call(at ? other : system.url, `${producer.at}/chunks`, { body: { text, sequence } })),
      )
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const refused = both.find(({ status }) => status === 409)!
      expect(refused.json).toMatchObject({ code: 'chunk_conflict', expected: sequence + 1 })
    }
    const deltas = (await producer.events()).filter(({ type }) => type === 'text.delta')
    expect(deltas.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
  })

  test('of two producers without a number: each is there once, in one order', async () => {
    const producer = await begun()
    const texts = Array.from({ length: 40 }, (_, at) => `<${at}>`)
    const answers = await Promise.all(
      texts.map((text, at) => call(at % 2 ? other : system.url, `${producer.at}/chunks`, { body: { text } })),
    )
    expect(answers.map(({ json }) => Number(json['sequence'])).toSorted((a, b) => a - b)).toEqual(
      texts.map((_, at) => at + 1),
    )
    const deltas = (await producer.events()).filter(({ type }) => type === 'text.delta')
    expect(deltas.map(({ text }) => text).toSorted()).toEqual(texts.toSorted())
  })

  test('is one append, and nobody is asked anything', async () => {
    const producer = await begun()
    await producer.append('first')
    const { length } = system.persistence.asked
    let reads = 0
    const watch = system.bus.nc.subscribe('$JS.API.STREAM.MSG.GET.>', { callback: () => void reads++ })
    await system.bus.nc.flush()
    for (let sequence = 2; sequence <= 20; sequence++) await producer.append('more', sequence)
    await system.bus.nc.flush()
    watch.unsubscribe()
    expect([reads, system.persistence.asked.slice(length)]).toEqual([0, []])
    expect((await producer.events()).filter(({ type }) => type === 'text.delta')).toHaveLength(20)
  })

  test('may go to a gateway that has seen less than the others', async () => {
    const producer = await begun()
    for (const [index, url] of [system.url, other, other, system.url, other].entries()) {
      producer.url = url
      expect(await producer.append(`${index}`, index + 1)).toEqual([200, { sequence: index + 1 }])
    }
    producer.url = system.url
    expect((await producer.finalize())[0]).toBe(200)
    producer.url = other
    expect(await producer.append('late', 6)).toEqual([409, expect.objectContaining({ code: 'message_closed' })])
  })

  test.each([
    [{ text: '' }, 400, 'text must not be empty'],
    [{ text: 'a\ud83d' }, 400, 'half a character'],
    [{ text: 'a', sequence: 0 }, 400, 'sequence'],
    [{ text: 'a', sequense: 1 }, 400, 'sequense'],
    [{ text: 'x'.repeat(200_000) }, 413, 'at most 131072'],
  ])('that cannot be taken is refused with the reason (%#)', async (body, status, why) => {
    const producer = await begun()
    const refused = await call(system.url, `${producer.at}/chunks`, { body })
    expect([refused.status, String(refused.json['detail'])]).toEqual([status, expect.stringContaining(why)])
  })

  test("for a message that is not there, or not a producer's, says so", async () => {
    const producer = await begun()
    await producer.append('a')
    producer.message = 'nobody'
    expect(await producer.append('b')).toEqual([404, expect.objectContaining({ code: 'message_not_found' })])
    const { json } = await call(system.url, `/v1/sessions/s-${newId()}/runs`, {
      body: { message: 'Hi' },
      headers: { prefer: 'wait=5' },
    })
    const answered = new Producer()
    Object.assign(answered, { session: json['session'], message: (json['message'] as { id: string }).id })
    expect(await answered.append('b')).toEqual([409, expect.objectContaining({ code: 'message_not_produced' })])
  })
})

test('an error is a reason to end like another: the message is partial, the run has failed', async () => {
  const producer = await begun()
  await producer.append('Half a sen')
  const error = { finish_reason: 'error: out of paper' }
  const ended = [200, expect.objectContaining({ status: 'partial', finish_reason: 'error: out of paper' })]
  expect(await producer.finalize(error)).toEqual(ended)
  expect(await producer.finalize(error)).toEqual(ended)
  expect((await producer.events()).at(-1)).toMatchObject({
    type: 'run.failed',
    error: { code: 'producer_failed', message: 'out of paper' },
  })
  const odd = await producer.finalize({ finish_reason: 'because' })
  expect(odd).toEqual([400, expect.objectContaining({ detail: expect.stringContaining('"error: "') as string })])
})

test('a cancel closes it: the next call hears of it', async () => {
  const producer = await begun()
  await producer.append('a')
  const ref = { tenant: 'default', session: producer.session }
  const [{ run }] = (await producer.events()) as [{ run: string }]
  await system.orchestrator.append(ref, 'run.cancel_requested', { run, by: 'ada', reason: 'user' })
  const refused = { code: 'message_closed', message_status: 'partial', reason: 'cancelled', cancelled: { by: 'ada' } }
  expect(await producer.append('b', 2)).toEqual([
    409,
    expect.objectContaining({ ...refused, cancelled: expect.objectContaining(refused.cancelled) as object }),
  ])
  expect((await producer.finalize())[0]).toBe(409)
})

test('of a session that was erased while it was written, each call hears that', async () => {
  const calls: [path: string, body: object][] = [
    ['chunks', { text: 'b' }],
    ['finalize', {}],
    ['custom', { type: 'custom.late' }],
  ]
  for (const [path, body] of calls) {
    const producer = await begun()
    await producer.append('a')
    await system.orchestrator.append({ tenant: 'default', session: producer.session }, 'session.erased', { by: 'ada' })
    const refused = await call(system.url, `${producer.at}/${path}`, { body })
    expect([path, refused.status, refused.json['code']]).toEqual([path, 410, 'session_erased'])
  }
})

test('what waits for the end of it is announced to the orchestrator', async () => {
  const producer = await begun()
  const ref = { tenant: 'default', session: producer.session }
  const parts = [{ type: 'text' as const, text: 'next' }]
  await system.orchestrator.append(ref, 'run.queued', { run: newId(), kind: 'agent', message: newId(), parts })
  await producer.append('a')
  await producer.finalize()
  const info = await system.bus.jsm.streams.info('WORK', { subjects_filter: system.log.subjects.work(ref, 'run', '*') })
  expect(Object.keys(info.state.subjects ?? {})).toHaveLength(1)
})

test("a producer's own events come between its chunks, as they were sent", async () => {
  const producer = await begun()
  await producer.append('a')
  const data = { city: 'Zürich', degrees: [1, null] }
  const sent = await call(system.url, `${producer.at}/custom`, { body: { type: 'custom.weather.seen', data } })
  expect(sent.status).toBe(201)
  await producer.append('b')
  const events = await producer.events()
  expect(events.slice(-3).map(({ type }) => type)).toEqual(['text.delta', 'custom.weather.seen', 'text.delta'])
  expect(events.at(-2)).toMatchObject({
    data,
    run: sent.headers['x-spool-run'],
    seq: Number(String(sent.json['cursor']).slice(2)),
  })
  for (const body of [{ type: 'run.completed' }, { type: 'custom.' }, { data }]) {
    expect((await call(system.url, `${producer.at}/custom`, { body })).status).toBe(400)
  }
  await producer.finalize()
  expect((await call(system.url, `${producer.at}/custom`, { body: { type: 'custom.late' } })).status).toBe(409)
})

describe('what is pulled', () => {
  test('is never older than what was answered, at any gateway, while it is written and afterwards', async () => {
    const producer = await begun()
    expect(await pull(producer)).toMatchObject({ chunks: [], current_sequence: 0, attempt: 0, finished: false })
    for (let sequence = 1; sequence <= 30; sequence++) {
      await producer.append(`${sequence} `, sequence)
      const page = await pull(producer, sequence - 1, sequence % 2 ? other : system.url)
      expect(page).toMatchObject({ chunks: [{ sequence, text: `${sequence} ` }], current_sequence: sequence })
    }
    await producer.finalize()
    const whole = await pull(producer, 0, other)
    expect(whole).toMatchObject({ finished: true, current_sequence: 30, more: false })
    expect(whole.chunks?.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
    expect((await pull(producer, 12)).chunks?.[0]).toMatchObject({ sequence: 13, text: '13 ' })
  })

  test('is there for what agents answer and people say, too', async () => {
    const session = newId()
    const { json } = await call(system.url, `/v1/sessions/${session}/runs`, {
      body: { message: 'Hi' },
      headers: { prefer: 'wait=5' },
    })
    const answered = Object.assign(new Producer(), { session, message: (json['message'] as { id: string }).id })
    const page = await pull(answered)
    expect(page.chunks?.map(({ text }) => text).join('')).toBe('Hello, world!')
    expect(page).toMatchObject({ attempt: 1, finished: true })
    const [, added] = (await answered.events()) as { message: string }[]
    answered.message = added!.message
    expect(await pull(answered)).toMatchObject({ chunks: [{ sequence: 1, text: 'Hi' }], finished: true })
  })

  test('needs nobody but the log while persistence is away', async () => {
    const producer = await begun()
    await producer.append('a')
    system.persistence.away = true
    try {
      expect(await pull(producer)).toMatchObject({ status: 200, chunks: [{ text: 'a' }] })
      expect(await producer.append('b', 2)).toEqual([200, { sequence: 2 }])
      expect((await producer.finalize())[0]).toBe(200)
    } finally {
      system.persistence.away = false
    }
  })

  test('of what is not there is 404, and a number that is none 400', async () => {
    const producer = await begun()
    expect(await pull(producer, '1x')).toMatchObject({ status: 400, code: 'invalid_query' })
    producer.message = 'nobody'
    expect(await pull(producer)).toMatchObject({ status: 404, code: 'message_not_found' })
    expect(await pull(Object.assign(new Producer(), { message: 'm' }))).toMatchObject({ code: 'session_not_found' })
    const hidden = await begun()
    expect((await call(system.url, `${hidden.at}/chunks`, { key: OTHER_KEY })).status).toBe(404)
  })
})
