import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { natsBinaries } from '../src/nats/nats-binaries.ts'
import { postgresPrograms } from '../src/postgres/postgres-programs.ts'
import { folderForTest } from './launching.ts'

const repository = join(import.meta.dirname, '../../..')

test('the oldest and the newest server accept the configuration for a single node', async () => {
  const { oldest, newest } = await natsBinaries()
  for (const binary of [oldest, newest]) {
    execFileSync(binary, ['-t', '-c', join(repository, 'infra/nats/single-node.conf')], { stdio: 'pipe' })
  }
}, 120_000)

test('a single node acknowledges what is on the disk', () => {
  expect(readFileSync(join(repository, 'infra/nats/single-node.conf'), 'utf8')).toMatch(/^\s*sync_interval: always$/m)
})

test('Postgres reads the configuration for Docker, the shared part included', async () => {
  const { postgres } = await postgresPrograms(undefined)
  const config = `config_file=${join(repository, 'infra/postgres/docker.conf')}`
  const valueOf = (name: string) =>
    execFileSync(postgres, ['-C', name, '-D', folderForTest(), '-c', config], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  expect(valueOf('listen_addresses')).toBe('*')
  expect(valueOf('tcp_keepalives_idle')).toBe('10')
})
