import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type RunningNats, startNats } from '@spool/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { ChainWriter, CursorLost, Feed, FeedReader, LogBehind } from '../src/index.ts'
import { beginEpoch } from './support/begin-epoch.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { appended, newSession, note, wholeChain, written } from './support/sessions.ts'

const run = promisify(execFile)
let nats: RunningNats
let backup: string

beforeEach(async () => {
  nats = await startNats()
  backup = `${nats.dataFolder}-backup`
  await provisioned(nats.url)
})
afterEach(() => nats.stop())

/** As a volume that is restored from a backup: ownership and all. */
const copy = (from: string, to: string) => run('cp', ['-a', from, to])

async function takeBackup(): Promise<void> {
  await nats.kill()
  await copy(nats.dataFolder, backup)
  await nats.restart()
}

async function restoreBackup(): Promise<void> {
  await nats.kill()
  await rm(nats.dataFolder, { recursive: true })
  await copy(backup, nats.dataFolder)
  await nats.restart()
}

test('a store that comes back behind gets no appends, until a new epoch begins', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const ref = newSession()
  await written(log, ref, 5)
  archive.store(ref, await wholeChain(log, ref))
  await takeBackup()
  await log.bus.untilConnected()
  const writer = new ChainWriter(log, ref, await log.lastPosition(ref))
  for (let i = 0; i < 5; i++) await appended(writer, note(`lost ${i}`))
  const sleeper = new ChainWriter(log, ref, writer.position)
  const feed = new Feed(log, ref)
  await feed.open()
  const lost: unknown[] = []
  new FeedReader(
    feed,
    feed.tail,
    () => true,
    (error) => lost.push(error),
  ).resume()

  await restoreBackup()
  await expect(writer.append(note('onto nothing'))).rejects.toThrow(LogBehind)
  // Nor in a session that knows nothing of it: its position would be given out a second time.
  await expect(new ChainWriter(log, newSession(), 0).append(note('new'))).rejects.toThrow(LogBehind)
  expect(log.horizon.behind).toMatchObject({ code: 'log_behind', expected: 10, found: 5 })
  expect((await log.bus.jsm.streams.info('LOG')).state.last_seq).toBe(5)
  expect(lost).toEqual([])

  await beginEpoch(log.bus, 2, 1_000_000)
  await eventually(() => log.horizon.behind, { timeout: 10_000 }).toBeNull()
  expect(log.epochOf(ref)).toBe(2)
  const [next] = await written(log, ref, 1, 'on')
  expect(next).toBe(1_000_000)
  expect((await wholeChain(log, ref)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 1_000_000])
  await expect(sleeper.append(note('behind what was lost'))).rejects.toThrow(LogBehind)
  expect(await log.lastPosition(ref)).toBe(next)
  // Whoever saw what is lost cannot go on from there, and hears of it.
  await eventually(() => lost).toEqual([expect.any(CursorLost)])
  feed.close()
})

test('what the archive holds counts as seen by a process that has just begun', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  archive.highest.push(7)
  await log.horizon.askArchive()
  expect(log.horizon.behind).toMatchObject({ expected: 7, found: 0 })
  await expect(new ChainWriter(log, newSession(), 0).append(note('new'))).rejects.toThrow(LogBehind)
})

test('a process that has just begun appends nothing before it was told how far the log has come', async () => {
  const archive = new MemoryArchive()
  const log = await openLog(nats.url, archive)
  const told = Promise.withResolvers<void>()
  log.horizon.waitFor(
    told.promise.then(() => log.horizon.askArchive()),
    60_000,
  )
  const early = new ChainWriter(log, newSession(), 0).append(note('early'))
  early.catch(() => undefined)
  archive.highest.push(7)
  told.resolve()
  await expect(early).rejects.toThrow(LogBehind)
  // Nor for ever, where nobody tells.
  const other = await openLog(nats.url)
  other.horizon.waitFor(new Promise(() => undefined), 50)
  expect(await written(other, newSession(), 1)).toEqual([1])
})

test('an archive that was away at the start is asked again at the next reconnect', async () => {
  const archive = new MemoryArchive()
  archive.away = true
  const log = await openLog(nats.url, archive)
  await expect(log.horizon.askArchive()).rejects.toThrow('persistence')
  expect(log.horizon.behind).toBeNull()
  archive.away = false
  archive.highest.push(7)
  await nats.restart()
  await eventually(() => log.horizon.behind, { timeout: 10_000 }).not.toBeNull()
})

test('nothing is appended between a reconnect and the look at where the stream ends', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  await written(log, ref, 3)
  await takeBackup()
  await log.bus.untilConnected()
  await written(log, ref, 3)
  await nats.kill()
  // Without a connection an append does not go out, it waits.
  const waiting = new ChainWriter(log, newSession(), 0).append(note('early'))
  waiting.catch(() => undefined)
  await rm(nats.dataFolder, { recursive: true })
  await copy(backup, nats.dataFolder)
  await nats.restart()
  await expect(waiting).rejects.toThrow(LogBehind)
  expect((await log.bus.jsm.streams.info('LOG')).state.last_seq).toBe(3)
})
