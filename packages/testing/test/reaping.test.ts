import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

interface Report {
  nats: number
  postgres: number
  folder: string
}

const program = `
  const { startNats, startPostgres } = await import('@spool/testing')
  const [nats, postgres] = await Promise.all([startNats(), startPostgres()])
  console.log(JSON.stringify({ nats: nats.pid, postgres: postgres.pid, folder: nats.dataFolder }))
`

test('no server and no data remain of a test process that was killed', async () => {
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', program], {
    cwd: new URL('..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { nats, postgres, folder } = await report(child)
  expect([nats, postgres].map(isAlive)).toEqual([true, true])
  child.kill('SIGKILL')
  await expect.poll(() => [nats, postgres].map(isAlive), { timeout: 10_000 }).toEqual([false, false])
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false)
})

async function report(child: ChildProcess): Promise<Report> {
  for await (const line of createInterface(child.stdout!)) return JSON.parse(line)
  throw new Error('The process ended without a word.')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
