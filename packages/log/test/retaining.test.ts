import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstFrom, fullness, logRoom, purgeBefore, streamExtent } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { newSession, written } from './support/sessions.ts'

describe.each(['oldest', 'newest'] as const)('%s server', (age) => {
  let nats: RunningNats

  beforeAll(async () => {
    nats = await startNats({ binary: (await natsBinaries())[age] })
    await provisioned(nats.url, { logMaxBytes: 1024 ** 2 })
  })
  afterAll(() => nats.stop())

  test('what lies before a position leaves, whosever it is; again it does nothing; the end stays where it was', async () => {
    const log = await openLog(nats.url)
    const startedMs = Date.now()
    const [one, other] = [newSession(), newSession()]
    await written(log, one, 5)
    await written(log, other, 5)
    const before = await logRoom(log, 0)
    expect(before).toMatchObject({ firstSeq: 1, lastSeq: 10, epoch: 1, maxBytes: 1024 ** 2 })
    expect(fullness(before)).toBeGreaterThan(0)
    expect(await purgeBefore(log, 0, 1, 8)).toBe(7)
    expect(await purgeBefore(log, 0, 1, 8)).toBe(0)
    expect(await streamExtent(log, 0)).toMatchObject({ epoch: 1, firstSeq: 8, lastSeq: 10 })
    expect(fullness(await logRoom(log, 0))).toBeLessThan(fullness(before))
    // Positions have holes, and an end.
    await log.bus.jsm.streams.purge('LOG', { filter: log.subjects.log(one) })
    const first = await firstFrom(log, 0, 3)
    expect(first).toMatchObject({ seq: 8 })
    expect(first!.storedAtMs - startedMs).toBeGreaterThanOrEqual(-1)
    expect(first!.storedAtMs - startedMs).toBeLessThan(60_000)
    expect(await firstFrom(log, 0, 11)).toBeNull()
  })

  test('the end is remembered where next to nothing is left, whatever becomes of the server', async () => {
    const log = await openLog(nats.url)
    await written(log, newSession(), 30)
    const { lastSeq } = await streamExtent(log, 0)
    await purgeBefore(log, 0, 1, lastSeq)
    await nats.kill('SIGKILL')
    await nats.restart()
    await log.bus.untilConnected()
    expect(await streamExtent(log, 0)).toMatchObject({ epoch: 1, firstSeq: lastSeq, lastSeq })
    expect(log.horizon.behind).toBeNull()
    expect(await written(log, newSession(), 1)).toEqual([lastSeq + 1])
  })
})
