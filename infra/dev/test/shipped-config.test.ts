import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { natsBinaries } from '../src/nats/nats-binaries.ts'
import { OPERATOR, READER, SERVICES } from '../src/nats/nats-table.ts'
import { passwordVariable, shippedAccounts } from '../src/nats/shipped-accounts.ts'
import { postgresPrograms } from '../src/postgres/postgres-programs.ts'
import { folderForTest } from './launching.ts'

const repository = join(import.meta.dirname, '../../..')
const everybody = [OPERATOR, READER, ...SERVICES] as const
const singleNode = join(repository, 'infra/nats/single-node.conf')

test('the oldest and the newest server accept the configuration for a single node', async () => {
  const { oldest, newest } = await natsBinaries()
  const env = Object.fromEntries(everybody.map((user) => [passwordVariable(user), `of-${user}`]))
  for (const binary of [oldest, newest]) {
    execFileSync(binary, ['-t', '-c', singleNode], { stdio: 'pipe', env })
    // Without a password there would be one that everybody knows.
    for (const variable of Object.keys(env)) {
      const without = { ...env, [variable]: undefined }
      expect(() => execFileSync(binary, ['-t', '-c', singleNode], { stdio: 'pipe', env: without })).toThrow(variable)
    }
  }
}, 120_000)

test('its accounts are those that `npm start` makes, for one shard and for up to eight', () => {
  expect(readFileSync(join(repository, 'infra/nats/accounts.conf'), 'utf8')).toBe(shippedAccounts())
})

test('docker compose gives the server every password that it asks for', () => {
  const compose = readFileSync(join(repository, 'docker-compose.yml'), 'utf8')
  for (const user of everybody) expect(compose).toContain(`      ${passwordVariable(user)}: $`)
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
