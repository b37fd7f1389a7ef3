import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Bus, listKeys, provision } from '@spool/log'
import { startNats } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { read } from './examples.ts'

test('the line of the reference of agents makes a key of another tenant', async () => {
  const nats = await startNats()
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  onTestFinished(async () => {
    await bus.close()
    await nats.stop()
  })
  await provision(bus)
  const [, line = ''] = /```sh\n(npx spool keys create .*?)```/s.exec(read('docs/agents.md')) ?? []
  const command = line.replace(/^npx spool/, 'node packages/cli/bin/spool.mjs')
  const cwd = new URL('../../', import.meta.url)
  const { stdout } = await promisify(execFile)('bash', ['-c', command], {
    cwd,
    env: { ...process.env, NATS_URL: nats.url },
  })
  expect(stdout.trim()).toMatch(/^spool_\S{32}$/)
  expect(await listKeys(bus)).toMatchObject([{ tenant: 'acme', name: 'laptop of Ada' }])
})
