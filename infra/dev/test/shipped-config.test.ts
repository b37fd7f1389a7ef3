import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { logStreams, natsAccounts } from '../src/nats/nats-accounts.ts'
import { natsBinaries } from '../src/nats/nats-binaries.ts'
import { postgresPrograms } from '../src/postgres/postgres-programs.ts'
import { folderForTest } from './launching.ts'

const repository = join(import.meta.dirname, '../../..')
const singleNode = join(repository, 'infra/nats/single-node.conf')

test('the oldest and the newest server accept the configuration for a single node', async () => {
  const { oldest, newest } = await natsBinaries()
  const env = { SPOOL_NATS_PASSWORD: 'secret', SPOOL_NATS_READER_PASSWORD: 'other' }
  for (const binary of [oldest, newest]) {
    execFileSync(binary, ['-t', '-c', singleNode], { stdio: 'pipe', env })
    // Without a password there would be one that everybody knows.
    expect(() => execFileSync(binary, ['-t', '-c', singleNode], { stdio: 'pipe', env: {} })).toThrow(
      /SPOOL_NATS_PASSWORD/,
    )
  }
}, 120_000)

test('its accounts are those that `npm start` makes, for one shard and for up to eight', () => {
  const [, accounts] = /^(accounts \{.*)$/ms.exec(readFileSync(join(repository, 'infra/nats/accounts.conf'), 'utf8'))!
  const passwords = { password: '$SPOOL_NATS_PASSWORD', readerPassword: '$SPOOL_NATS_READER_PASSWORD' }
  expect(accounts).toBe(natsAccounts([...logStreams(1), ...logStreams(8)], passwords))
})

test('a single node acknowledges what is on the disk', () => {
  expect(readFileSync(singleNode, 'utf8')).toMatch(/^\s*sync_interval: always$/m)
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
