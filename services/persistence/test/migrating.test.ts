import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@spool/testing'
import { expect, test } from 'vitest'

const MIGRATE = fileURLToPath(new URL('../dist/migrate.js', import.meta.url))

async function migrate(url: string): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [MIGRATE], { env: { ...process.env, DATABASE_URL: url } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}

test('several may migrate at once, and again; a database that is not there yet is waited for', async () => {
  const postgres = await startPostgres()
  try {
    await postgres.kill()
    const early = migrate(postgres.url)
    await postgres.restart()
    const all = await Promise.all([early, migrate(postgres.url), migrate(postgres.url)])
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(all.filter(({ output }) => output.includes('Applied 0001_events_and_snapshots'))).toHaveLength(1)
    expect(await migrate(postgres.url)).toEqual({ code: 0, output: 'The database is up to date.\n' })
  } finally {
    await postgres.stop()
  }
})

test('an address that cannot be used is told in words', async () => {
  const { code, output } = await migrate('')
  expect(code).toBe(1)
  expect(output).toContain('DATABASE_URL: is not set')
  expect(output).not.toContain('    at ')
})
