import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
// @ts-expect-error Plain JavaScript, for people to copy.
import { Chains } from '../../docs/examples/follow-the-log/chains.mjs'
import { read } from './examples.ts'

let spool: SpoolUnderTest
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spool-follow-'))
  spool = await startSpool()
})
afterAll(async () => {
  await spool?.stop()
  rmSync(folder, { recursive: true })
})

const runsFile = () => join(folder, 'runs.jsonl')

/** As the document says, but for the folder of the Spool that is followed. */
async function startProgram(): Promise<ChildProcess> {
  const [, command = ''] = /```sh\n(NATS_URL=.*?main\.mjs)\n```/s.exec(read('docs/log.md')) ?? []
  const program = spawn('bash', ['-c', `exec env ${command.replace('./.spool', spool.dataFolder)}`], {
    cwd: new URL('../../', import.meta.url),
    env: { ...process.env, RUNS_FILE: runsFile() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void program.kill('SIGKILL'))
  return program
}

async function completeRuns(session: string, count: number): Promise<string[]> {
  const headers = { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json', prefer: 'wait=30' }
  const body = JSON.stringify({ message: 'Hi', model: 'demo/steady?tokens=5&tps=500' })
  const runs: string[] = []
  for (let n = 0; n < count; n++) {
    const answer = await fetch(`${spool.url}/v1/sessions/${session}/runs`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    runs.push(answer.headers.get('x-spool-run')!)
  }
  return runs
}

function written(): { run: string; position: { stream: string; epoch: number; seq: number } }[] {
  if (!existsSync(runsFile())) return []
  const lines = readFileSync(runsFile(), 'utf8').trim().split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line) as ReturnType<typeof written>[number])
}

test('the example that follows the log tells of every run once, killed and started again', async () => {
  const before = await completeRuns('one', 2)
  const first = await startProgram()
  await once(first.stdout!, 'data')
  first.kill('SIGKILL')
  await once(first, 'exit')
  const away = await completeRuns('two', 2)

  const second = await startProgram()
  await expect.poll(() => written().length, { timeout: 20_000 }).toBe(4)
  const live = await completeRuns('one', 1)
  await expect.poll(() => written().length, { timeout: 20_000 }).toBe(5)
  second.kill('SIGTERM')
  expect(await once(second, 'exit')).toEqual([0, null])

  const third = await startProgram()
  const last = await completeRuns('three', 1)
  await expect.poll(() => written().length, { timeout: 20_000 }).toBe(6)
  third.kill('SIGTERM')
  expect(await once(third, 'exit')).toEqual([0, null])
  expect(written().map(({ run }) => run)).toEqual([...before, ...away, ...live, ...last])
  expect(written()[0]!.position).toMatchObject({ stream: 'LOG', epoch: 1 })
}, 90_000)

test('its check of the chain finds what is missing, and leaves out what is no part of it', () => {
  const chains = new Chains(2)
  const place = (session: string, seq: number, prev: number, type = 'text.delta') =>
    (chains as { place(...given: unknown[]): { kind: string; after?: number } }).place(session, { seq, prev, type })
  expect(place('a', 5, 3)).toEqual({ kind: 'first' })
  expect(place('a', 8, 5)).toEqual({ kind: 'next' })
  expect(place('a', 8, 5)).toEqual({ kind: 'again' })
  expect(place('a', 12, 10)).toEqual({ kind: 'gap', after: 8 })
  expect(place('a', 14, 8)).toEqual({ kind: 'stray' })
  expect(place('a', 15, 12)).toEqual({ kind: 'next' })
  expect(place('a', 20, 19, 'session.erased')).toEqual({ kind: 'next' })
  place('b', 21, 0)
  place('c', 22, 0)
  expect(place('a', 23, 20)).toEqual({ kind: 'first' })
})
