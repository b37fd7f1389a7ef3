/**
 * Sends a whole started Spool what nobody sends who means well, and looks at every answer:
 * `npm run fuzz -- --requests 20000 --seed 6 --at-once 16`. The requests are made of the OpenAPI document and then changed; the
 * same seed makes the same ones again (but for the ids that Spool makes). Ends with a verdict, and with 1 where it is bad.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { startSpool } from '@spool/testing'
import { DescribedApi } from '../described/described-api.ts'
import { fuzz } from '../fuzzing/fuzz.ts'
import { type KnownThings, learn } from '../fuzzing/known-things.ts'
import { BODY_MARKER } from '../fuzzing/mutate-body.ts'
import { residentMiBOf } from './resident.ts'

const { values: given } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'at-once': { type: 'string', default: '16' },
  },
})
const [requests, seed, atOnce] = [given.requests, given.seed, given['at-once']].map(Number) as [number, number, number]

/** From three fifths of the requests on: by then it holds what it keeps of so many sessions. */
const MOST_GROWTH_MIB = 96
const say = (line: string) => process.stdout.write(`${line}\n`)
const run = promisify(execFile)

say(`${requests} requests, ${atOnce} at once, --seed ${seed}`)
/** Who promises more than it sends is to be told soon. */
const spool = await startSpool({ env: { LOG_LEVEL: 'debug', SPOOL_REQUEST_TIMEOUT_MS: '2000' } })
const complaints: string[] = []
try {
  const api = await DescribedApi.of(spool.url)
  say(`${api.operations.length} operations`)
  const pid = spool.pidOf('gateway')
  const known: KnownThings = new Map([['agent', ['demo', 'demo-plan', 'demo-agent']]])
  await makeThings(known)
  const memory: number[] = [residentMiBOf(pid)]
  const startedAt = performance.now()
  const { faults, statuses, slowest, slowestMs } = await fuzz({
    api,
    port: Number(new URL(spool.url).port),
    key: spool.key,
    seed,
    requests,
    atOnce,
    known,
    checksContent: true,
    onProgress(done) {
      if (done % Math.ceil(requests / 5) !== 0) return
      memory.push(residentMiBOf(pid))
      say(
        `${done} after ${((performance.now() - startedAt) / 1000).toFixed(0)} s, gateway ${memory.at(-1)!.toFixed(0)} MiB`,
      )
    },
  })
  const counts = [...statuses].toSorted(([one], [other]) => one.localeCompare(other))
  say(`Answers: ${counts.map(([status, count]) => `${status} ${count}`).join(', ')}`)
  say(`Slowest: ${slowestMs.toFixed(0)} ms, ${slowest}`)
  complaints.push(...faults.map((fault) => JSON.stringify(fault)))
  const growth = memory.at(-1)! - memory[3]!
  if (growth > MOST_GROWTH_MIB) complaints.push(`The gateway has grown by ${growth.toFixed(0)} MiB.`)
  if (spool.pidOf('gateway') !== pid) complaints.push('The gateway has died, and was started again.')
  await spool.waitReady()
  const lines = spool.logs().split('\n')
  for (const secret of [spool.key, BODY_MARKER, 'SECRET', ...(known.get('ticket') ?? [])]) {
    const found = lines.filter((line) => line.includes(secret))
    if (found.length > 0) complaints.push(`${found.length} lines of the log have ${secret}: ${found[0]!.slice(0, 500)}`)
  }
  for (const line of lines.filter((one) => /"level":"(error|fatal)"/.test(one)).slice(0, 20))
    complaints.push(line.slice(0, 1000))
  complaints.push(...(await verify()))
} finally {
  await spool.stop()
}
for (const complaint of complaints.slice(0, 200)) say(complaint)
say(complaints.length === 0 ? `Good. --seed ${seed}` : `Bad: ${complaints.length} complaints. --seed ${seed}`)
process.exitCode = complaints.length === 0 ? 0 : 1

/** So that there is something to be asked for. */
async function makeThings(known: KnownThings): Promise<void> {
  for (let count = 0; count < 5; count++) {
    const response = await fetch(`${spool.url}/v1/sessions/fuzz-${count}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json', prefer: 'wait=20' },
      body: JSON.stringify({ message: 'Hello', agent: count === 0 ? 'demo-plan' : undefined }),
    })
    if (response.status >= 300) throw new Error(`No run could be started: ${await response.text()}`)
    const told = (await response.json()) as { message?: { id: string } }
    learn(known, told)
    if (told.message != null) learn(known, { message: told.message.id })
  }
}

async function verify(): Promise<string[]> {
  const { natsUrl, databaseUrl } = JSON.parse(
    readFileSync(join(spool.dataFolder, 'run', 'connections.json'), 'utf8'),
  ) as { natsUrl: string; databaseUrl: string }
  const cli = fileURLToPath(new URL('../../packages/cli/bin/spool.mjs', import.meta.url))
  const env = { ...process.env, NATS_URL: natsUrl, DATABASE_URL: databaseUrl }
  try {
    const { stdout } = await run(process.execPath, [cli, 'verify'], { env })
    say(stdout.trim())
    return []
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return [`spool verify: ${stdout} ${stderr}`]
  }
}
