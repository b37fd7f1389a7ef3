import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Blobs,
  ChainWriter,
  eraseContent,
  FeedReader,
  Hub,
  type Log,
  type SessionRef,
  SessionErased,
} from '../src/index.ts'
import { openLog } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningDeployment, startDeployment } from './support/servers.ts'
import { all, appended, newSession, note, noteText, written } from './support/sessions.ts'

async function erased(log: Log, ref: SessionRef): Promise<number> {
  const writer = new ChainWriter(log, ref, await log.lastPosition(ref))
  return appended(writer, { ...note('erased'), type: 'session.erased' })
}

describe.each(['oldest', 'newest'] as const)('on the %s server', (age) => {
  let deployment: RunningDeployment
  beforeAll(async () => {
    deployment = await startDeployment({ age, replicas: 1 })
  })
  afterAll(() => deployment?.stop())

  test('of an erased session NATS keeps the one event that says so, and all of other sessions', async () => {
    const log = await openLog(deployment.url)
    const [ref, other] = [newSession(), newSession()]
    const blobs = new Blobs(log.bus)
    for (const each of [ref, other]) await written(log, each, 5)
    const [blob, otherBlob] = [
      await blobs.put(ref, Buffer.from('a'), 'a/b'),
      await blobs.put(other, Buffer.from('b'), 'a/b'),
    ]
    const at = await erased(log, ref)
    for (let time = 0; time < 2; time++) await eraseContent(log, ref, at)
    const subject = log.subjects.log(ref)
    const { state } = await log.bus.jsm.streams.info('LOG', { subjects_filter: subject })
    expect(state.subjects).toEqual({ [subject]: 1 })
    expect(await log.end(ref)).toMatchObject({ seq: at, erased: true })
    expect(await log.end(other)).toMatchObject({ erased: false })
    expect(await all(log.read(other, 0, await log.lastPosition(other)))).toHaveLength(5)
    expect([await blobs.get(ref, blob), (await blobs.get(other, otherBlob))?.size]).toEqual([null, 1])
  })

  test('who follows live hears of it last, who is behind is shown nothing more, and nobody can begin to follow', async () => {
    const log = await openLog(deployment.url)
    const ref = newSession()
    await written(log, ref, 3)
    const hub = new Hub(log)
    const feed = await hub.acquire(ref)
    const told: string[] = []
    const failures: unknown[] = []
    const live = new FeedReader(
      feed,
      0,
      (event) => told.push(event.type === 'session.erased' ? event.type : noteText(event)) > 0,
      () => undefined,
    )
    live.resume()
    // Takes one event and stands still.
    const behind = new FeedReader(
      feed,
      0,
      () => false,
      (error) => failures.push(error),
    )
    behind.resume()
    await eventually(() => told.length).toBe(3)
    await eraseContent(log, ref, await erased(log, ref))
    await eventually(() => told).toEqual(['note 0', 'note 1', 'note 2', 'session.erased'])
    await eventually(() => failures).toEqual([expect.any(SessionErased)])
    await expect(hub.acquire(ref)).rejects.toThrow(SessionErased)
    hub.release(feed)
    await expect(new Hub(await openLog(deployment.url)).acquire(ref)).rejects.toThrow(SessionErased)
    hub.close()
  })
})
