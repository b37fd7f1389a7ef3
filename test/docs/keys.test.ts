import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Bus, hashKey, provision } from '@spool/log'
import { startNats } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { read } from './examples.ts'

test('the lines of the reference of agents make a key of another tenant', async () => {
  const nats = await startNats()
  const folder = mkdtempSync(join(tmpdir(), 'spool-key-'))
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  onTestFinished(async () => {
    await bus.close()
    await nats.stop()
    rmSync(folder, { recursive: true })
  })
  await provision(bus)
  const ports = join(folder, 'ports.json')
  writeFileSync(ports, JSON.stringify({ nats: Number(new URL(nats.url).port) }))
  const [, lines = ''] = /```sh\n(NATS_URL=.*?)```/s.exec(read('docs/agents.md')) ?? []
  const command = lines.replace('./.spool/run/ports.json', ports)
  const cwd = new URL('../../', import.meta.url)
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd })
  const subject = `$KV.KEYS.${hashKey(stdout.trim())}`
  const stored = await bus.jsm.streams.getMessage('KV_KEYS', { last_by_subj: subject })
  expect([stdout.trim(), stored?.json()]).toMatchObject([expect.stringMatching(/^spool_\S{32}$/), { tenant: 'acme' }])
})
