import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { folderForTest, hearing, isAlive, launchForTest } from './launching.ts'
import { standIn, standInPlan } from './stand-ins/plan.ts'

const everything = ['gateway-1', 'agent-orchestrator-1', 'llm-proxy-1', 'persistence-1', 'nats', 'postgres']

test('starts NATS, Postgres and every service, and notes their processes and ports', async () => {
  const output = hearing()
  const spool = await launchForTest({ output, plan: { ...standInPlan, provision: standIn('remarking') } })
  expect(output.lines).toContain('not quite as you asked')
  const run = join(spool.dataFolder, 'run')
  for (const name of everything) {
    const pid = Number(readFileSync(join(run, `${name}.pid`), 'utf8'))
    expect(isAlive(pid), name).toBe(true)
    expect(spool.pidOf(name)).toBe(pid)
  }
  const ports = JSON.parse(readFileSync(join(run, 'ports.json'), 'utf8'))
  expect(ports).toEqual(spool.ports)
  expect(Object.keys(ports).toSorted()).toEqual(['gateway-1', 'metrics', 'nats', 'postgres'])
  expect(output.facts).toMatchObject([{ url: spool.url, key: spool.key, dataFolder: spool.dataFolder }])
  expect((await fetch(`${spool.url}/readyz`)).status).toBe(200)
})

test('stops everything in order: who talks to the world first, who keeps the data last', async () => {
  const output = hearing()
  const spool = await launchForTest({ output })
  const pids = everything.map((name) => spool.pidOf(name))
  await spool.stop()
  expect(pids.map(isAlive)).toEqual(pids.map(() => false))
  const ended = output.lines.filter((line) => line.includes('ended in order')).map((line) => line.split(' ')[0])
  expect(ended).toEqual(['gateway-1', 'agent-orchestrator-1', 'llm-proxy-1', 'persistence-1'])
  expect(existsSync(join(spool.dataFolder, 'run/nats.pid'))).toBe(false)
  expect(existsSync(join(spool.dataFolder, 'run/ports.json'))).toBe(false)
})

test('a second start finds the data and the key of the first', async () => {
  const folder = folderForTest()
  const first = await launchForTest({ env: { SPOOL_DATA: folder } })
  await first.stop()
  const second = await launchForTest({ env: { SPOOL_DATA: folder } })
  expect(second.key).toBe(first.key)
})

test('every process that is killed runs again at once, NATS and Postgres too', async () => {
  const spool = await launchForTest()
  for (const name of everything) {
    const before = spool.pidOf(name)!
    process.kill(before, 'SIGKILL')
    const running = () => isAlive(spool.pidOf(name)) && spool.pidOf(name) !== before
    await expect.poll(running, { timeout: 3_000, interval: 20 }).toBe(true)
    expect(Number(readFileSync(join(spool.dataFolder, `run/${name}.pid`), 'utf8'))).toBe(spool.pidOf(name))
  }
  await spool.waitUntilReady()
})

test('runs as many copies as it is told, gateways on the next ports', async () => {
  const port = await freePort()
  const spool = await launchForTest({ env: { PORT: String(port), SPOOL_COPIES: 'gateway=2,llm-proxy=2' } })
  expect(spool.ports).toMatchObject({ 'gateway-1': port, 'gateway-2': port + 1 })
  expect((await fetch(`http://127.0.0.1:${port + 1}/readyz`)).status).toBe(200)
  expect(spool.pidOf('llm-proxy-2')).not.toBe(spool.pidOf('llm-proxy-1'))
})

test('port 0 is any free one', async () => {
  const spool = await launchForTest({ env: { PORT: '0' } })
  expect(spool.ports['gateway-1']).toBeGreaterThan(0)
  expect(spool.url).toBe(`http://127.0.0.1:${spool.ports['gateway-1']}`)
})

test('a secret is given to the service that needs it, and to no other', async () => {
  const spool = await launchForTest({
    env: { OPENAI_API_KEY: 'sk-secret', SPOOL_DEV_KEY: 'dev-key', LOG_LEVEL: 'debug' },
  })
  expect(spool.key).toBe('dev-key')
  const gateway = await (await fetch(`${spool.url}/environment`)).json()
  expect(gateway).toMatchObject({
    SPOOL_INSTANCE: 'gateway-1',
    LOG_LEVEL: 'debug',
    NATS_URL: expect.stringMatching(/^nats:/),
  })
  expect(gateway).not.toHaveProperty('OPENAI_API_KEY')
  expect(gateway).not.toHaveProperty('SPOOL_DEV_KEY')
  expect(gateway).not.toHaveProperty('DATABASE_URL')
})

test('a port in use is named, and nothing is left running', async () => {
  const port = await freePort()
  await launchForTest({ env: { PORT: String(port) } })
  await expect(launchForTest({ env: { PORT: String(port) } })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`)
})

test('a second launcher on the same data is refused', async () => {
  const spool = await launchForTest()
  await expect(launchForTest({ env: { SPOOL_DATA: spool.dataFolder } })).rejects.toThrow(
    'already running with this data',
  )
})

test('what could not be prepared is told in its own words, and everything else is ended', async () => {
  const output = hearing()
  const folder = folderForTest()
  const plan = { ...standInPlan, provision: standIn('falling') }
  await expect(launchForTest({ plan, output, env: { SPOOL_DATA: folder } })).rejects.toThrow(/code 3[^]*no such luck/)
  expect(existsSync(join(folder, 'run/postgres.pid'))).toBe(false)
})

test('a script that was not built is named before anything is started', async () => {
  const plan = { ...standInPlan, migrate: '/no/such/migrate.js' }
  await expect(launchForTest({ plan })).rejects.toThrow('Not built: /no/such/migrate.js')
})

test('NATS and Postgres that are given are used, and none are started', async () => {
  const own = await launchForTest()
  const given = {
    NATS_URL: `nats://127.0.0.1:${own.ports['nats']}`,
    DATABASE_URL: `postgres://spool@127.0.0.1:${own.ports['postgres']}/spool`,
  }
  const spool = await launchForTest({ env: given })
  expect(spool.pidOf('nats')).toBeUndefined()
  expect(spool.pidOf('postgres')).toBeUndefined()
  expect(existsSync(join(spool.dataFolder, 'servers'))).toBe(false)
  const gateway = await (await fetch(`${spool.url}/environment`)).json()
  expect(gateway).toMatchObject({ NATS_URL: given.NATS_URL })
})

test('a service that keeps dying is started again at longer and longer intervals, and said to', async () => {
  const output = hearing()
  const services = [...standInPlan.services, { name: 'doomed', script: standIn('falling') }]
  await launchForTest({ plan: { ...standInPlan, services }, output })
  const intervals = () =>
    output.lines.flatMap(
      (line) => /^doomed-1 ended with code 3; starting it again in ([\d.]+) s$/.exec(line)?.[1] ?? [],
    )
  await expect.poll(intervals, { timeout: 10_000 }).toEqual(['0.1', '0.2', '0.4', '0.8'])
  expect(output.lines).toContain('doomed-1 no such luck')
})
