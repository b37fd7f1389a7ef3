import { draft, encodeEvent, newId } from '@spool/events'
import { Blobs, ChainWriter, enqueue, lightenRequest, type Reply, type RunRequest, type SessionRef } from '@spool/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contextIn } from '../src/stepping/within-event.ts'
import { Deployment, eventually, isEnd, newSession, runRequest } from './support/deployment.ts'

const ONE_RUN = ['run.started', 'message.added', 'message.requested']
const SLOW = 'demo/steady?tokens=2000&tps=20'

describe.each([1, 3])('two orchestrators on %i shards', (shards) => {
  let spool: Deployment
  let givenOutBefore: Promise<Reply | null>

  beforeAll(async () => {
    spool = await Deployment.start(shards)
    givenOutBefore = giveOut(newSession(), runRequest({ when_busy: 'reject' }))
    await Promise.all([
      spool.run('agent-orchestrator', { SPOOL_STEPS: '8' }),
      spool.run('agent-orchestrator', { SPOOL_STEPS: '8' }),
      spool.run('llm-proxy'),
    ])
  })
  afterAll(() => spool.stop())

  test('start one run for requests with one key, however many come at once', async () => {
    const ref = newSession()
    const run = newId()
    const asked = Array.from({ length: 10 }, () => spool.ask(ref, { run, key: 'k', body_hash: 'h' }))
    const replies = await Promise.all(asked)
    const [first] = await spool.chain(ref)
    expect(replies.map((reply) => reply?.ok && [reply.run, reply.first])).toEqual(replies.map(() => [run, first!.seq]))
    await spool.ended(ref, 1)
    expect((await spool.types(ref)).filter((type) => ONE_RUN.includes(type))).toEqual(ONE_RUN)
    expect(await spool.faults(ref)).toEqual([])
  })

  test('answer 50 messages that come at once each in its turn', async () => {
    const ref = newSession()
    const requests = Array.from({ length: 50 }, () => runRequest({ model: 'demo/steady?tokens=1&tps=500' }))
    const asked = requests.map((request) =>
      spool.request(spool.log.subjects.intake(ref, request.request), request, 20_000),
    )
    expect((await Promise.all(asked)).filter((reply) => reply?.ok !== true)).toEqual([])
    await spool.ended(ref, 50)
    const started = (await spool.chain(ref)).filter(({ type }) => type === 'run.started')
    expect(started.map((stored) => stored.event()?.run)).toEqual(requests.map(({ run }) => run))
    expect(await spool.faults(ref)).toEqual([])
  })

  test('refuse a reject that is given out again, because its caller may have been refused', async () => {
    expect(await givenOutBefore).toMatchObject({ ok: false, status: 409, code: 'session_busy' })
  })

  test('take what is no request out of its queue, so that it is in nobody’s way', async () => {
    const ref = newSession()
    await enqueue(spool.log, spool.log.subjects.intake(ref, newId()), '{ not JSON')
    await enqueue(spool.log, spool.log.subjects.controlJob(ref, 'cancel', newId()), '"a word"')
    expect(await spool.ask(ref)).toMatchObject({ ok: true })
    await eventually(async () => (await spool.bus.jsm.streams.info('CONTROL')).state.messages === 0, 'CONTROL is empty')
  })

  test('read what is too large for a queue from its blob, and leave nothing of it behind', async () => {
    const ref = newSession()
    const blobs = new Blobs(spool.bus)
    const context = { page: 'é'.repeat(300_000) }
    const request = runRequest({ model: 'demo/steady?tokens=1&tps=500&window=9999999', context })
    const sent = await lightenRequest(blobs, ref, request)
    expect(sent).toMatchObject({ parts: [], blob: expect.any(String) })
    expect(await spool.request(spool.log.subjects.intake(ref, request.request), sent)).toMatchObject({ ok: true })
    await spool.ended(ref, 1)
    const events = (await spool.chain(ref)).map((stored) => stored.event())
    expect(events.find((event) => event?.type === 'message.added')).toMatchObject({ parts: request.parts })
    const kept = events.find((event) => event?.type === 'run.started') as { blob?: string } | undefined
    expect(await contextIn(blobs, ref, kept!.blob!)).toEqual({ context })
    await eventually(async () => (await blobs.get(ref, sent.blob!)) === null, 'the blob is gone')
    const length = (await spool.chain(ref)).length
    // Given out once more: whoever took it died before it had said that it is done.
    const again = { ...sent, request: newId() }
    const repeated = await spool.request(spool.log.subjects.intake(ref, again.request), again)
    expect(repeated).toMatchObject({ ok: true, run: request.run })
    expect(await spool.chain(ref)).toHaveLength(length)
    const lost = { ...again, request: newId(), run: newId(), message: newId() }
    const told = await spool.request(spool.log.subjects.intake(ref, lost.request), lost)
    expect(told).toMatchObject({ ok: false, code: 'step_failed' })
    expect(await spool.faults(ref)).toEqual([])
  })

  test.each(['still has its history', 'has lost all of its history'])(
    'refuse what an erased session is asked, that %s',
    async (which) => {
      const ref = newSession()
      const first = await spool.ask(ref)
      await spool.ended(ref, 1)
      await erased(ref)
      if (which.startsWith('has lost')) {
        await spool.bus.jsm.streams.purge(spool.log.subjects.logStream(ref), {
          filter: spool.log.subjects.log(ref),
          keep: 1,
        })
      }
      const last = await spool.log.lastPosition(ref)
      for (const ask of [spool.ask(ref), spool.ask(ref), spool.cancel(ref, (first as { run: string }).run)]) {
        expect(await ask).toMatchObject({ ok: false, status: 410, code: 'session_erased' })
      }
      expect(await spool.log.lastPosition(ref)).toBe(last)
    },
  )

  test('let new sessions wait while persistence is away, and go on with those they know', async () => {
    const known = newSession()
    await spool.ask(known)
    await spool.ended(known, 1)
    spool.archive.away = true
    // More than the slots of both.
    const fresh = Array.from({ length: 40 }, newSession)
    const asked = fresh.map((ref) => spool.ask(ref))
    await eventually(() => spool.archive.unanswered > 20, 'many have asked for the archive')
    expect(await spool.ask(known, {}, 5000)).toMatchObject({ ok: true })
    spool.archive.away = false
    expect((await Promise.all(asked)).filter((reply) => reply?.ok !== true)).toEqual([])
    await Promise.all(fresh.map((ref) => spool.ended(ref, 1)))
  })

  test('find a run to cancel that has yet to come out of its intake', async () => {
    for (let i = 0; i < 10; i++) {
      const ref = newSession()
      const request = runRequest({ model: SLOW })
      // Safe in its queue; who takes it first, nobody knows.
      await spool.queued(spool.log.subjects.intake(ref, request.request), request)
      const reply = await spool.cancel(ref, request.run)
      expect(reply).toMatchObject({ ok: true, status: 'cancelled', run: request.run })
      expect(await spool.faults(ref)).toEqual([])
    }
  })

  test('end a run exactly once, whenever it is cancelled, and say what became of it', async () => {
    const outcomes = new Map<string, number>()
    const one = async (index: number): Promise<void> => {
      const ref = newSession()
      const busy = index % 4 === 3 ? runRequest({ model: SLOW }) : null
      if (busy !== null) await spool.ask(ref, busy)
      const request = runRequest({ model: 'demo/steady?tokens=20&tps=100' })
      await spool.queued(spool.log.subjects.intake(ref, request.request), request)
      const waitMs = Math.random() * 400
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      const replies = await Promise.all([spool.cancel(ref, request.run), spool.cancel(ref, request.run)])
      if (busy !== null) expect(await spool.cancel(ref, busy.run)).toMatchObject({ status: 'cancelled' })
      await spool.ended(ref, busy === null ? 1 : 2)
      const ends = (await spool.chain(ref)).filter(({ type }) => isEnd(type)).map((stored) => stored.event())
      const [end, ...more] = ends.filter((event) => event?.run === request.run)
      expect(more).toEqual([])
      expect(await spool.faults(ref)).toEqual([])
      for (const reply of replies) {
        expect(kindOf(reply)).toBe(end?.type === 'run.cancelled' ? 'cancelled' : 409)
        outcomes.set(String(kindOf(reply)), (outcomes.get(String(kindOf(reply))) ?? 0) + 1)
      }
    }
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)))
    expect(outcomes.get('cancelled')).toBeGreaterThan(20)
    expect(outcomes.get('409')).toBeGreaterThan(5)
  }, 90_000)

  test('know no run that was never asked for', async () => {
    const ref = newSession()
    expect(await spool.cancel(ref, newId())).toMatchObject({ ok: false, status: 404 })
    await spool.ask(ref)
    expect(await spool.cancel(ref, newId())).toMatchObject({ ok: false, status: 404 })
  })

  /** Asks, and has the request taken by somebody who does not finish it. */
  async function giveOut(ref: SessionRef, request: RunRequest): Promise<Reply | null> {
    const reply = spool.request(spool.log.subjects.intake(ref, request.request), request)
    const intake = await spool.bus.js.consumers.get('INTAKE', 'intake')
    const message = await intake.next()
    message!.nak()
    return reply
  }

  async function erased(ref: SessionRef): Promise<void> {
    const writer = new ChainWriter(spool.log, ref, await spool.log.lastPosition(ref))
    for (const event of [
      draft('session.titled', { title: 'nobody has seen this' }, new Date()),
      draft('session.erased', { by: 'user' }, new Date()),
    ]) {
      await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
    }
  }
})

const kindOf = (reply: Reply | null) => (reply === null ? null : reply.ok ? reply.status : reply.status)
