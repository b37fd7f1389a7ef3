import { startTcpProxy } from '@spool/testing'
import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

let system: System
afterEach(() => system.stop())

test('a copy that sleeps loses its lock to another; woken, it writes nothing and stands by', async () => {
  system = await startSystem()
  const first = system.startCopy({ SPOOL_LEASE_MS: '2500' })
  await system.ready()
  const conversation = new Conversation(system.log)
  await conversation.answer(50)
  await caughtUp(system)
  process.kill(first.pid, 'SIGSTOP')
  system.startCopy()
  await conversation.answer(50)
  await caughtUp(system)
  process.kill(first.pid, 'SIGCONT')
  await conversation.answer(50)
  await until('the first one has noticed', () =>
    /Postgres is away|Projecting failed|Lost the lock/.test(first.output()),
  )
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 1, differences: [] })
})

test('a holder whose connection goes silent in the middle of its work loses the lock, and nothing is doubled', async () => {
  system = await startSystem()
  const proxy = await startTcpProxy({ port: system.postgres.port })
  const behindProxy = new URL(system.postgres.url)
  behindProxy.port = String(proxy.port)
  try {
    const first = system.startCopy({ DATABASE_URL: behindProxy.href, SPOOL_LEASE_MS: '2500' })
    await system.ready()
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    for (let n = 1; n <= 400; n++) {
      await conversation.delta(run, message, n, `word${n} `)
      if (n === 200) {
        proxy.stall('both', true)
        system.startCopy()
      }
    }
    await conversation.finish(run, message, 400)
    await caughtUp(system)
    proxy.stall('both', false)
    await conversation.answer(50)
    await until(
      'the first one has noticed',
      () => /Postgres is away|Projecting failed|Lost the lock/.test(first.output()),
      45_000,
    )
    await caughtUp(system)
    expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 1, differences: [] })
  } finally {
    await proxy.stop()
  }
})
