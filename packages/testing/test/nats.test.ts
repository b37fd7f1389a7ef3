import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { natsBinaries, startNats } from '../src/index.ts'
import { natsSays } from './nats-says.ts'

test('starts a server with JetStream on a free port', async () => {
  const nats = await startNats({ maxPayload: 12_345 })
  expect(await natsSays(nats.port)).toMatchObject({ jetstream: true, max_payload: 12_345, version: nats.version })
  await nats.stop()
})

test('a killed server comes back on the same port with the same data', async () => {
  const nats = await startNats()
  const before = nats.pid
  await nats.kill()
  await expect(natsSays(nats.port)).rejects.toThrow()
  await nats.restart()
  expect(nats.pid).not.toBe(before)
  expect(existsSync(nats.dataFolder)).toBe(true)
  expect(await natsSays(nats.port)).toMatchObject({ port: nats.port })
  await nats.stop()
  expect(existsSync(nats.dataFolder)).toBe(false)
})

test('many servers start at the same time', async () => {
  const servers = await Promise.all(Array.from({ length: 6 }, () => startNats()))
  expect(new Set(servers.map(({ port }) => port)).size).toBe(6)
  await Promise.all(servers.map((server) => server.stop()))
})

test('a configuration the server refuses is reported in its own words', async () => {
  await expect(startNats({ config: 'no_such_setting: {{' })).rejects.toThrow(/Parse error/)
})

test('offers the oldest and the newest server at hand', async () => {
  const { oldest, newest } = await natsBinaries()
  const [older, newer] = await Promise.all([startNats({ binary: oldest }), startNats({ binary: newest })])
  expect(older.version <= newer.version).toBe(true)
  await Promise.all([older.stop(), newer.stop()])
}, 120_000)
