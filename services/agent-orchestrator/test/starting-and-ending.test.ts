import { startNats, type RunningNats, startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Deployment, eventually, newSession } from './support/deployment.ts'
import { ServiceProcess } from './support/service-process.ts'

let spool: Deployment
let bare: RunningNats

beforeAll(async () => {
  ;[spool, bare] = await Promise.all([Deployment.start(), startNats()])
})
afterAll(() => Promise.all([spool.stop(), bare.stop()]))

async function started(natsUrl: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
  const process = await ServiceProcess.start('agent-orchestrator', natsUrl, env)
  onTestFinished(() => process.end())
  return process
}

async function endsWith(process: ServiceProcess, sentence: RegExp): Promise<void> {
  await process.ended()
  expect(process.exitCode).toBe(1)
  expect(process.output).toMatch(sentence)
  expect(process.output).not.toMatch(/\n? {4}at /)
}

test('an orchestrator that finds nothing provisioned says so and ends', async () => {
  await endsWith(await started(bare.url), /The streams are missing\. Run the provisioner first\./)
})

test('one that is configured for another number of shards says which is right and ends', async () => {
  await endsWith(await started(spool.nats.url, { SPOOL_SHARDS: '3' }), /created with 1 shard\(s\).*Set SPOOL_SHARDS=1/)
})

test('one that is started before NATS waits for it, says so, and then serves', async () => {
  const proxy = await startTcpProxy({ port: spool.nats.port })
  onTestFinished(() => proxy.stop())
  proxy.refuse(true)
  const process = await started(`nats://127.0.0.1:${proxy.port}`)
  await eventually(() => process.output.includes('Waiting for NATS'), 'it says what it waits for')
  expect(process.isReady).toBe(false)
  proxy.refuse(false)
  await eventually(() => process.isReady, 'it serves')
})

test('one that waits for NATS ends when it is asked to', async () => {
  const process = await started('nats://127.0.0.1:1', { SPOOL_DRAIN_MS: '200' })
  await eventually(() => process.output.includes('Waiting for NATS'), 'it says what it waits for')
  await process.end('SIGTERM')
  expect(process.exitCode).toBe(0)
})

test('an idle one ends soon', async () => {
  const process = await spool.run('agent-orchestrator')
  const beganMs = performance.now()
  await process.end('SIGTERM')
  expect(process.exitCode).toBe(0)
  expect(performance.now() - beganMs).toBeLessThan(3000)
})

test('a busy one ends soon too, and what it had taken or left is done once by the next', async () => {
  await Promise.all([spool.run('agent-orchestrator'), spool.run('llm-proxy')])
  const sessions = Array.from({ length: 60 }, newSession)
  let accepted = 0
  const asked = sessions.map(async (ref) => {
    expect(await spool.ask(ref)).toMatchObject({ ok: true })
    accepted++
  })
  for (const half of [15, 30]) {
    await eventually(() => accepted >= half, 'it is in the middle of its work')
    const [busy] = [...spool.processes].filter((process) => process.exitCode === null)
    const next = spool.run('agent-orchestrator')
    const beganMs = performance.now()
    await busy!.end('SIGTERM')
    expect(busy!.exitCode).toBe(0)
    expect(performance.now() - beganMs).toBeLessThan(3000)
    await next
  }
  await Promise.all(asked)
  await Promise.all(sessions.map((ref) => spool.ended(ref, 1)))
  for (const ref of sessions) expect(await spool.faults(ref)).toEqual([])
})

test('a bus that goes away and comes back leaves nothing undone', async () => {
  await Promise.all([spool.run('agent-orchestrator'), spool.run('llm-proxy')])
  const sessions = Array.from({ length: 20 }, newSession)
  const model = 'demo/steady?tokens=40&tps=40'
  for (const ref of sessions) expect(await spool.ask(ref, { model })).toMatchObject({ ok: true })
  await spool.nats.kill()
  await spool.nats.restart()
  await Promise.all(sessions.map((ref) => spool.ended(ref, 1)))
  for (const ref of sessions) expect(await spool.faults(ref)).toEqual([])
}, 60_000)
