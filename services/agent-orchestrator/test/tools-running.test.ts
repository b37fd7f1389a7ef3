import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '@spool/events'
import { Blobs, type Settlement, announce, announceDone } from '@spool/log'
import { startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { OutcomeUnknown } from '../src/tools/outcome-unknown.ts'
import { ToolError } from '../src/tools/tool-error.ts'
import type { Tool } from '../src/tools/tool.ts'
import { Deployment, eventually } from './support/deployment.ts'
import { Effects } from './support/effects.ts'
import { effectTools, stopped, toolOf } from './support/test-tools.ts'
import { ToolSession } from './support/tool-session.ts'
import { type RunningToolWorker, startToolWorker } from './support/tool-worker.ts'

const never = new Promise<never>(() => undefined)
const throwing = () => {
  throw new TypeError('at once')
}

let spool: Deployment
let effects: Effects
let worker: RunningToolWorker
/** What all workers offer; each test puts its own tools in front. */
const tools: Tool[] = []
const settled: (readonly [session: string, kind: Settlement['kind']])[] = []

beforeAll(async () => {
  spool = await Deployment.start()
  effects = await Effects.start()
  worker = await startWorker('worker')
})
afterAll(async () => {
  await worker?.stop()
  effects?.stop()
  await spool?.stop()
})

const startWorker = (name: string, more: { url?: string; isIdle?: boolean } = {}) =>
  startToolWorker({
    url: spool.nats.url,
    name,
    tools,
    ...more,
    onSettled: (session, { kind }) => void settled.push([session, kind]),
  })

/** A session in which one tool is called, and is being run from here on. */
async function calling(tool: Parameters<typeof toolOf>[0], input: unknown = {}) {
  const offered = toolOf(tool)
  tools.unshift(offered)
  const session = await ToolSession.begin(spool)
  const call = await session.call(offered.name, input, offered.repeatable)
  return { session, call }
}

const hasStarted = (session: ToolSession, call: string) =>
  eventually(async () => (await session.stateOf(call)).status === 'started', 'the tool is at work')

describe('a tool', () => {
  test('is begun in the log before it is touched, and what it gives back is there when the run goes on', async () => {
    const { session, call } = await calling(
      {
        name: 'look',
        run: async (input, { ref, run, call: id, attempt, language }) => {
          const { status, worker: owner } = await session.stateOf(id)
          return { input, ref, run, id, attempt, language, status, owner }
        },
      },
      { at: 'it' },
    )
    await session.untilRunGoesOn()
    const { ref, run } = session
    const output = {
      input: { at: 'it' },
      ref,
      run,
      id: call,
      attempt: 1,
      language: 'en',
      status: 'started',
      owner: worker.id,
    }
    expect(await session.stateOf(call)).toMatchObject({ status: 'completed', output, blob: null })
    expect(await session.faults()).toEqual([])
  })

  test('that is called five times at once runs five times at once, here and there, and every end is stored', async () => {
    const other = await startWorker('other')
    onTestFinished(() => other.stop())
    let running = 0
    const { promise: allRun, resolve: tellAll } = Promise.withResolvers<void>()
    tools.unshift(
      toolOf({
        name: 'together',
        run: async (input, { progress }) => {
          if (++running === 5) tellAll()
          await allRun
          for (let step = 1; step <= 5; step++) {
            progress({ progress: step / 5 })
            await sleep(10)
          }
          return input
        },
      }),
    )
    const session = await ToolSession.begin(spool)
    const calls: string[] = []
    for (let index = 0; index < 5; index++) calls.push(await session.called('together', { index }))
    await Promise.all(calls.map((call) => session.publish(call)))
    await session.untilRunGoesOn()
    const outputs = await Promise.all(calls.map(async (call) => (await session.stateOf(call)).output))
    expect(outputs).toEqual([0, 1, 2, 3, 4].map((index) => ({ index })))
    expect(await session.faults()).toEqual([])
  })

  test('may tell of its progress as often as it likes: the newest is passed on, ten times a second at most', async () => {
    let told = 0
    const { session, call } = await calling({
      name: 'chatty',
      run: async (_input, { progress }) => {
        for (const untilMs = performance.now() + 600; performance.now() < untilMs; await sleep(0)) {
          progress({ progress: ++told / 1_000_000, text: `step ${told}` })
        }
        return 'said'
      },
    })
    await session.untilRunGoesOn()
    const passedOn = (await spool.chain(session.ref)).filter(({ type }) => type === 'tool.progress')
    expect(told).toBeGreaterThan(20)
    expect(passedOn.length).toBeGreaterThanOrEqual(2)
    expect(passedOn.length).toBeLessThanOrEqual(8)
    expect((await session.stateOf(call)).progress).toBeGreaterThan(1 / 1_000_000)
  })

  test.each([
    [new ToolError('no_such_city', 'There is no Atlantis.'), 'failed', 'no_such_city', 'There is no Atlantis.'],
    [new OutcomeUnknown('sent_perhaps', 'It may be sent.'), 'unknown', 'sent_perhaps', 'It may be sent.'],
    [new Error('password is 123'), 'failed', 'tool_failed', say('en', 'error.tool_failed', { tool: 'fails' })],
    [new ToolError('chatty', 'x'.repeat(1_000_000)), 'failed', 'chatty', 'x'.repeat(8192)],
  ])(
    'that fails is told to the model in its own words only where these are meant for it: %s',
    async (error, ...told) => {
      const { session, call } = await calling({ name: 'fails', run: () => Promise.reject(error) })
      await session.untilRunGoesOn()
      const { status, outcome, error: said } = await session.stateOf(call)
      expect([status, outcome, said?.code, said?.message]).toEqual(['failed', ...told])
      if (!(error instanceof ToolError)) expect(worker.unforeseen.at(-1)).toBe('password is 123')
    },
  )

  test('that throws at once, or looks at its arguments and breaks, fails like any other', async () => {
    for (const tool of [
      { name: 'throws', run: throwing },
      { name: 'breaks', run: () => never, problemOf: throwing },
      { name: 'gives-back-a-bigint', run: async () => 1n },
    ]) {
      const { session, call } = await calling(tool)
      await session.untilRunGoesOn()
      expect(await session.stateOf(call)).toMatchObject({ outcome: 'failed', error: { code: 'tool_failed' } })
    }
  })

  test('is not begun with arguments that do not fit, nor where it is no more', async () => {
    const { session, call } = await calling({ name: 'picky', run: () => never, problemOf: () => 'at: must be a date' })
    await session.untilRunGoesOn()
    const wrong = { code: 'invalid_arguments', message: 'at: must be a date' }
    expect(await session.stateOf(call)).toMatchObject({ outcome: 'failed', error: wrong, attempt: 0 })
    const other = await ToolSession.begin(spool)
    const gone = await other.call('gone')
    await other.untilRunGoesOn()
    expect(await other.stateOf(gone)).toMatchObject({ outcome: 'failed', error: { code: 'unknown_tool' }, attempt: 0 })
  })

  test('is told when its time is up, and left behind where it does not listen', async () => {
    for (const listens of [true, false]) {
      const { session, call } = await calling({
        name: `slow-${listens}`,
        timeoutMs: 100,
        run: (_input, { signal }) => (listens ? stopped(signal) : never),
      })
      await session.untilRunGoesOn()
      const message = say('en', 'error.tool_timed_out', { tool: `slow-${listens}`, seconds: 0.1 })
      expect(await session.stateOf(call)).toMatchObject({ outcome: 'timed_out', error: { code: 'timed_out', message } })
    }
  })
})

describe('what a tool gives back', () => {
  test('goes into a blob where it is too much for an event, with its beginning in the log', async () => {
    const { session, call } = await calling({ name: 'big', maxOutputBytes: 100, run: async () => '語'.repeat(100_000) })
    await session.untilRunGoesOn()
    const { output, blob } = await session.stateOf(call)
    expect(output).toBe('語'.repeat(32))
    const stored = (await new Blobs(spool.bus).get(session.ref, blob!))!
    expect([stored.mediaType, Buffer.from(stored.bytes).toString()]).toEqual([
      'text/plain; charset=utf-8',
      '語'.repeat(100_000),
    ])
  })

  test('is not kept where it is larger than anything may be, and the model hears so', async () => {
    const { session, call } = await calling({ name: 'huge', run: async () => 'x'.repeat(11 * 1024 ** 2) })
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject({ outcome: 'failed', error: { code: 'output_too_large' } })
  })

  test('cannot be stored where there is no room, and that is no reason to do it again', async () => {
    const stream = 'OBJ_BLOBS'
    const { config, state } = await spool.bus.jsm.streams.info(stream)
    await spool.bus.jsm.streams.update(stream, { ...config, max_bytes: state.bytes + 1000 })
    onTestFinished(() => void spool.bus.jsm.streams.update(stream, { ...config, max_bytes: -1 }))
    const { session, call } = await calling({ name: 'big', repeatable: false, run: async () => 'x'.repeat(200_000) })
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject({ outcome: 'failed', error: { code: 'output_not_stored' } })
    expect(worker.unforeseen.at(-1)).toMatch(/full/)
  })
})

describe('an artifact', () => {
  const document = { kind: 'design_document', title: 'Plan', filename: 'plan.md', mediaType: 'text/markdown' }

  test.each([
    ['small', '# Plan'],
    ['large', '# Plan\n'.repeat(50_000)],
  ])(
    'is added to the session once, also by an attempt that comes after one that had made it: a %s one',
    async (_, content) => {
      tools.unshift(
        toolOf({
          name: 'writes',
          run: async (_input, { createArtifact }) => {
            await createArtifact({ ...document, content })
            return 'written'
          },
        }),
      )
      const session = await ToolSession.begin(spool)
      const { run } = session
      const first = await session.call('writes')
      await session.untilRunGoesOn()
      const second = await session.called('writes')
      await session.say('tool.started', { run, call: second, attempt: 1, worker: 'dead' })
      const { kind, title, filename, mediaType: media_type } = document
      await session.say('artifact.created', {
        run,
        artifact: second,
        kind,
        title,
        filename,
        media_type,
        content: 'first',
      })
      await session.publish(second)
      expect(await session.ended(second)).toMatchObject({ status: 'completed', attempt: 2 })
      expect((await spool.types(session.ref)).filter((type) => type === 'artifact.created')).toHaveLength(2)
      const { artifacts } = await session.state()
      expect(artifacts).toMatchObject([
        { id: first, title: 'Plan' },
        { id: second, content: 'first' },
      ])
      const [{ blob, content: inLog }] = artifacts as [(typeof artifacts)[0]]
      const stored = blob === null ? null : await new Blobs(spool.bus).get(session.ref, blob)
      expect(stored === null ? inLog : Buffer.from(stored.bytes).toString()).toBe(content)
      expect(stored?.mediaType ?? 'text/markdown').toBe('text/markdown')
    },
  )

  test('is one for each call: a second one is the tool’s mistake', async () => {
    const { session, call } = await calling({
      name: 'writes-two',
      run: async (_input, { createArtifact }) => {
        for (const title of ['one', 'two']) await createArtifact({ ...document, title, content: '' })
      },
    })
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject({ error: { code: 'tool_failed' } })
    expect((await session.state()).artifacts).toHaveLength(1)
  })
})

describe('an event of its own', () => {
  test('is told in its place, with whatever it says', async () => {
    const data = { degrees: [21, null], city: 'Zürich' }
    const { session } = await calling({
      name: 'sees',
      run: async (_input, { emit }) => {
        await emit('custom.weather.seen', data)
        await emit('custom.done')
        return 'seen'
      },
    })
    await session.untilRunGoesOn()
    const chain = await spool.chain(session.ref)
    expect(chain.slice(-4).map(({ type }) => type)).toEqual([
      'tool.started',
      'custom.weather.seen',
      'custom.done',
      'tool.completed',
    ])
    expect(chain.at(-3)!.event()).toMatchObject({ run: session.run, data })
    expect(await session.faults()).toEqual([])
  })

  test.each([
    ['under the name of another', 'run.completed', null, 'event_unnamed'],
    ['that no event has room for', 'custom.long', 'x'.repeat(200_000), 'event_too_large'],
  ])('%s is a mistake that the model hears of', async (how, type, data, code) => {
    const { session, call } = await calling({ name: `emits ${how}`, run: (_input, { emit }) => emit(type, data) })
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject({ status: 'failed', error: { code } })
  })
})

describe.concurrent('a cancel', () => {
  test.each([
    ['that listens', true, true, 'failed'],
    ['that does not listen', false, true, 'failed'],
    ['that must not run twice', true, false, 'unknown'],
  ])('ends a tool %s well within a second', async (how, listens, repeatable, outcome) => {
    const { session, call } = await calling({
      name: `endless ${how}`,
      repeatable,
      run: (_input, { signal }) => (listens ? stopped(signal) : never),
    })
    await hasStarted(session, call)
    const cancelledAtMs = await session.cancel()
    const ended = await session.ended(call)
    expect(performance.now() - cancelledAtMs).toBeLessThan(1500)
    expect(ended).toMatchObject({ outcome, error: { code: 'cancelled' } })
    await session.untilRunGoesOn()
    expect(await session.faults()).toEqual([])
  })

  test('whose notice was lost is found in the log', async () => {
    const { session, call } = await calling({ name: 'unheard', run: (_input, { signal }) => stopped(signal) })
    await hasStarted(session, call)
    await session.cancel(false)
    expect(await session.ended(call)).toMatchObject({ outcome: 'failed', error: { code: 'cancelled' } })
  })

  test('that comes when the tool is just through does not take back what it has done', async () => {
    const { session, call } = await calling({
      name: 'through',
      run: async (_input, { signal, progress }) => {
        await stopped(signal).catch(() => undefined)
        progress({ progress: 1 })
        return 'done all the same'
      },
    })
    await hasStarted(session, call)
    await session.cancel()
    expect(await session.ended(call)).toMatchObject({ status: 'completed', output: 'done all the same' })
    expect(await session.faults()).toEqual([])
  })

  test('before the tool has begun leaves the call to whoever decides', async () => {
    const session = await ToolSession.begin(spool)
    const call = await session.called('any')
    await session.cancel()
    await session.publish(call)
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject({ status: 'called' })
  })
})

describe('a call that another worker had begun', () => {
  test('is left to that one while it lives', async () => {
    const other = await startWorker('other', { isIdle: true })
    onTestFinished(() => other.stop())
    let runs = 0
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
    const { session, call } = await calling({
      name: 'busy',
      run: async () => {
        runs++
        await goOn
        return 'once'
      },
    })
    await hasStarted(session, call)
    expect(await other.take(session.ref, call)).toBe('not-mine')
    letGoOn()
    expect(await session.ended(call)).toMatchObject({ attempt: 1, output: 'once' })
    expect(runs).toBe(1)
  })

  test.each([
    ['again, up to three times', true, 2, { status: 'completed', attempt: 3 }],
    ['and no more', true, 3, { outcome: 'failed', error: { code: 'tool_gave_up' } }],
    [
      'not again where it must not run twice',
      false,
      1,
      { outcome: 'unknown', error: { code: 'tool_unknown_outcome' } },
    ],
  ])('and that died is begun %s', async (_, repeatable, attempts, ended) => {
    tools.unshift(toolOf({ name: 'deadly', repeatable, run: async () => 'survived' }))
    const session = await ToolSession.begin(spool)
    const call = await session.called('deadly', {}, repeatable)
    for (let attempt = 1; attempt <= attempts; attempt++) {
      await session.say('tool.started', { run: session.run, call, attempt, worker: `dead-${attempt}` })
    }
    await session.publish(call)
    await session.untilRunGoesOn()
    expect(await session.stateOf(call)).toMatchObject(ended)
    expect(await session.faults()).toEqual([])
  })

  test('is not begun again where the tool has changed its mind about that meanwhile', async () => {
    tools.unshift(toolOf({ name: 'changed', repeatable: false, run: async () => 'twice' }))
    const session = await ToolSession.begin(spool)
    const call = await session.called('changed', {}, true)
    await session.say('tool.started', { run: session.run, call, attempt: 1, worker: 'dead' })
    await session.publish(call)
    expect(await session.ended(call)).toMatchObject({ outcome: 'unknown' })
  })

  test('belongs to the newest attempt: one that is superseded stops, appends nothing and keeps its hands off the job', async () => {
    const { promise: wasTold, resolve: tell } = Promise.withResolvers<void>()
    const { session, call } = await calling({
      name: 'superseded',
      run: async (_input, { signal, progress }) => {
        await stopped(signal).catch(() => undefined)
        tell()
        progress({ progress: 1 })
        return 'too late'
      },
    })
    await hasStarted(session, call)
    // So that it looks at once, and not after a while.
    announce(spool.log, session.ref, 'cancel')
    await session.say('tool.started', { run: session.run, call, attempt: 2, worker: 'another' })
    announceDone(spool.log, session.ref)
    await wasTold
    await eventually(
      () => settled.some(([name, kind]) => name === session.ref.session && kind === 'not-mine'),
      'it is left',
    )
    expect(await session.stateOf(call)).toMatchObject({ status: 'started', attempt: 2, progress: null })
    expect(await session.jobs()).toEqual(['tool'])
    await session.cancel()
  })
})

describe('a worker that is told to end', () => {
  test('hands over what may run twice at once, and gives the rest the time to come to its end', async () => {
    await worker.stop()
    const leaving = await startWorker('leaving')
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
    const attempts: number[] = []
    const run: Tool['run'] = async (_input, { attempt, signal }) => {
      attempts.push(attempt)
      if (attempt === 1) await stopped(signal)
      return 'by the next one'
    }
    tools.unshift(toolOf({ name: 'again', run }))
    tools.unshift(toolOf({ name: 'once', repeatable: false, run: () => goOn.then(() => 'in time') }))
    tools.unshift(toolOf({ name: 'never', repeatable: false, run: (_input, { signal }) => stopped(signal) }))
    const session = await ToolSession.begin(spool)
    const calls = [
      await session.call('again'),
      await session.call('once', {}, false),
      await session.call('never', {}, false),
    ]
    for (const call of calls) await hasStarted(session, call)
    const left = leaving.stop(2500)
    worker = await startWorker('next')
    expect(await session.ended(calls[0]!)).toMatchObject({ attempt: 2, output: 'by the next one' })
    expect((await session.stateOf(calls[2]!)).status).toBe('started')
    letGoOn()
    expect(await session.ended(calls[1]!)).toMatchObject({ attempt: 1, output: 'in time' })
    await left
    expect(await session.ended(calls[2]!)).toMatchObject({ attempt: 1, outcome: 'unknown' })
    expect(attempts).toEqual([1, 2])
    await session.untilRunGoesOn()
    expect(await session.faults()).toEqual([])
  })

  test('gives also what may run twice that time, where it has been handed over so often that nobody would begin it again', async () => {
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<string>()
    const run: Tool['run'] = (_input, { signal }) => Promise.race([goOn, stopped(signal)])
    tools.unshift(toolOf({ name: 'moved', run }))
    const session = await ToolSession.begin(spool)
    const call = await session.called('moved')
    for (const attempt of [1, 2]) await session.say('tool.started', { run: session.run, call, attempt, worker: 'left' })
    await session.publish(call)
    await eventually(async () => (await session.stateOf(call)).attempt === 3, 'the last attempt')
    const left = worker.stop(5000)
    letGoOn('in time')
    await left
    worker = await startWorker('another')
    expect(await session.ended(call)).toMatchObject({ status: 'completed', attempt: 3, output: 'in time' })
  })
})

describe('while the bus is away', () => {
  test('a tool runs on, and what it gives back is stored when the bus is there again, however large it is', async () => {
    await worker.stop()
    const proxy = await startTcpProxy({ port: Number(new URL(spool.nats.url).port) })
    onTestFinished(() => proxy.stop())
    const cutOff = await startWorker('cut-off', { url: `nats://127.0.0.1:${proxy.port}` })
    const { promise: isAway, resolve: goAway } = Promise.withResolvers<void>()
    let [runs, returns] = [0, 0]
    const { session, call } = await calling({
      name: 'undisturbed',
      repeatable: false,
      run: async () => {
        runs++
        await isAway
        returns++
        return 'x'.repeat(300_000)
      },
    })
    await hasStarted(session, call)
    proxy.refuse(true)
    proxy.cutAll()
    goAway()
    await eventually(() => returns === 1, 'it has returned')
    proxy.refuse(false)
    await session.untilRunGoesOn()
    const { status, blob } = await session.stateOf(call)
    expect([status, (await new Blobs(spool.bus).get(session.ref, blob!))?.size, runs]).toEqual([
      'completed',
      300_000,
      1,
    ])
    await cutOff.stop()
    worker = await startWorker('worker')
  })
})

describe('acks that are lost', () => {
  test.each(['tool.started', 'tool.completed'])(
    'of %s lead to no second beginning, no second end and no second effect',
    async (type) => {
      await worker.stop()
      const proxy = await startTcpProxy({ port: Number(new URL(spool.nats.url).port) })
      onTestFinished(() => proxy.stop())
      tools.unshift(...effectTools())
      const deaf = await startWorker('deaf', { url: `nats://127.0.0.1:${proxy.port}` })
      onTestFinished(() => deaf.stop())
      const session = await ToolSession.begin(spool)
      let isLost = false
      proxy.intercept('up', (chunk) => {
        // From the append on, nothing comes back until the connection is another one.
        if (chunk.includes(`Spool-Type: ${type}`) && !isLost) {
          isLost = true
          proxy.intercept('down', () => null)
        }
        return chunk
      })
      const call = await session.call('once', { url: effects.url }, false)
      await eventually(async () => (await session.eventsOf(call)).includes(type), 'it is stored')
      expect(isLost).toBe(true)
      proxy.intercept('down', undefined)
      proxy.cutAll()
      expect(await session.ended(call)).toMatchObject({ status: 'completed', attempt: 1 })
      await session.untilRunGoesOn()
      expect(effects.of(call)).toBe(1)
      expect(await session.eventsOf(call)).toEqual(['tool.called', 'tool.started', 'tool.completed'])
      worker = await startWorker('worker')
    },
  )
})
