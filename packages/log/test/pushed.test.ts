import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newId } from '@spool/events'
import { Feed, type Log, NoticeListener, type SessionRef } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { newSession, noteText, written } from './support/sessions.ts'

/*
 * Readers may make consumers on the LOG. A consumer can be one that pushes, to any subject that somebody has subscribed
 * to by its full name; no permission of NATS looks at that.
 */
let nats: RunningNats
beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
})
afterAll(() => nats?.stop())

/** Resolves once all of a session was pushed there, and has arrived. */
async function pushed(log: Log, ref: SessionRef, subject: string, count: number): Promise<void> {
  const { jsm, nc } = log.bus
  const stream = log.subjects.logStream(ref)
  const name = newId()
  await jsm.consumers.add(stream, {
    name,
    deliver_subject: subject,
    filter_subject: log.subjects.log(ref),
    ack_policy: 'none',
    inactive_threshold: 60e9,
  })
  await eventually(async () => (await jsm.consumers.info(stream, name)).delivered.consumer_seq).toBe(count)
  await nc.flush()
}

test('nobody who follows a session is shown the events of another one that are pushed there', async () => {
  const log = await openLog(nats.url)
  const [secret, ref] = [newSession('others'), newSession()]
  await written(log, secret, 3, 'secret')
  const feed = new Feed(log, ref)
  onTestFinished(() => feed.close())
  await feed.open()
  await pushed(log, secret, log.subjects.live(ref), 3)
  expect(feed.tail).toBe(0)
  const [first] = await written(log, ref, 1, 'own')
  await feed.reach(first!)
  expect(noteText(feed.ring.after(0)!)).toBe('own 0')
})

test('no writer is held back by events that are pushed to where notices are heard', async () => {
  const log = await openLog(nats.url)
  const [other, ref] = [newSession(), newSession()]
  await written(log, other, 3)
  const listener = new NoticeListener(log, ref, () => undefined)
  onTestFinished(() => listener.close())
  await pushed(log, other, log.subjects.control(ref), 3)
  expect(listener.holdBack()).toBeUndefined()
})
