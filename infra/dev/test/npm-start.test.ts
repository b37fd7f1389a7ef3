import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { folderForTest, isAlive } from './launching.ts'

const repository = join(import.meta.dirname, '../../..')

interface Started {
  /** Of npm, which is the head of a process group of its own, as in a terminal. */
  pid: number
  exit: Promise<number | null>
  facts: { url: string; key: string; dataFolder: string; try: string }
  pids: number[]
}

/** `npm start` with the real services, until it says that it is ready. */
async function npmStart(): Promise<Started> {
  const dataFolder = folderForTest()
  const npm = spawn('npm', ['start', '--silent', '--', '--log', 'json'], {
    cwd: repository,
    env: { ...process.env, PORT: String(await freePort()), SPOOL_DATA: dataFolder },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    if (isAlive(npm.pid)) process.kill(-npm.pid!, 'SIGTERM')
  })
  const exit = new Promise<number | null>((resolve) => npm.once('close', resolve))
  const lines: string[] = []
  for await (const line of createInterface(npm.stdout)) {
    lines.push(line)
    const entry = JSON.parse(line)
    if (entry.msg !== 'ready' || entry.service !== 'launcher') continue
    npm.stdout.resume()
    const run = join(dataFolder, 'run')
    const pidFiles = readdirSync(run).filter((name) => name.endsWith('.pid'))
    const pids = pidFiles.map((name) => Number(readFileSync(join(run, name), 'utf8')))
    return { pid: npm.pid!, exit, facts: entry, pids }
  }
  throw new Error(`npm start ended before it was ready.\n${lines.join('\n')}`)
}

test('the line it prints to try streams an answer, and a signal to npm alone ends everything', async () => {
  const { pid, exit, facts, pids } = await npmStart()
  expect(pids).toHaveLength(6)
  const [body] = /\{"message":"Hello"\}/.exec(facts.try)!
  const response = await fetch(`${facts.url}/v1/sessions/hello/runs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${facts.key}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body,
  })
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('run.completed')
  process.kill(pid, 'SIGTERM')
  expect(await exit).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
})

test.each([
  ['SIGINT to npm alone', (pid: number) => process.kill(pid, 'SIGINT')],
  ['Ctrl-C, which reaches the whole foreground group,', (pid: number) => process.kill(-pid, 'SIGINT')],
])('%s ends everything', async (_, stop) => {
  const { pid, exit, pids } = await npmStart()
  stop(pid)
  await exit
  expect(pids.filter(isAlive)).toEqual([])
})
