/**
 * What chat with [DONE] promises, counted: `npm run bench:done -- [checks] [clients]`. At the moment
 * `[DONE]` arrives, another gateway, which has told this client nothing and so waits for nothing, must have the answer
 * under its id, and so must the database. Ends with an exit code.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { Pool } from 'pg'
import { openRunning } from '../e2e/support/running.ts'
import { ChatStream } from '../conformance/support/chat-stream.ts'
import { stream } from '../e2e/support/system.ts'
import { report, writeFigures } from './figures.ts'

const checks = Number(process.argv[2] ?? 1000)
const clients = Number(process.argv[3] ?? 20)
const BESIDE = 30
const FREEZES = 5

interface Listed {
  readonly id: string
  readonly role: string
  readonly content: string
}

const isOver = ({ datas }: ChatStream) => datas.at(-1) === '[DONE]'
const targetOf = (spool: SpoolUnderTest) => ({ url: spool.urls[0]!, key: spool.key, keepAliveMs: 15_000 })
const ask = (spool: SpoolUnderTest, session: string, message: string, model = 'demo/echo') =>
  ChatStream.open(targetOf(spool), '/chat/stream', { body: { message, session_id: session, model } })

/** `null`: all is there. */
async function missing(spool: SpoolUnderTest, database: Pool, session: string, text: string) {
  const [listing, rows] = await Promise.all([
    fetch(`${spool.urls[1]}/sessions/${session}/messages`, { headers: { authorization: `Bearer ${spool.key}` } }),
    database.query<{ id: string; open: boolean }>(
      'select id, open from messages where session = $1 order by first_seq',
      [session],
    ),
  ])
  if (listing.status !== 200) return `the list is ${listing.status}`
  const listed = (await listing.json()) as Listed[]
  const answer = listed.at(-1)
  if (answer?.role !== 'assistant' || answer.content !== text) return `the list ends with ${JSON.stringify(answer)}`
  const row = rows.rows.at(-1)
  return row?.id === answer.id && !row.open ? null : `the database ends with ${JSON.stringify(row)}`
}

async function countMisses(spool: SpoolUnderTest, database: Pool): Promise<number> {
  const misses: string[] = []
  const waits: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    for (let index = next++; index < checks; index = next++) {
      const session = `done-${index}`
      const text = `answer number ${index}, in so many words`
      const chat = await ask(spool, session, text)
      await chat.until(({ frames }) => frames.some(({ data }) => data.includes('words')))
      const saidAt = performance.now()
      await chat.until(isOver)
      waits.push(performance.now() - saidAt)
      const fault = await missing(spool, database, session, text)
      if (fault !== null) misses.push(`${session}: ${fault}`)
      await chat.ended()
    }
  }
  const leaving = new AbortController()
  const beside = Array.from({ length: BESIDE }, (_, index) => watchSteady(spool, `beside-${index}`, leaving.signal))
  await Promise.all(Array.from({ length: clients }, client))
  leaving.abort()
  await Promise.all(beside)
  const sorted = waits.toSorted((one, other) => one - other)
  const [p50, p99] = [0.5, 0.99].map((share) => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(0))
  report(
    `[DONE] before its answer was stored, of ${checks}, ${clients} clients, ${BESIDE} other streams`,
    String(misses.length),
    '0',
  )
  report('from the last word to [DONE]', `p50 ${p50}  p99 ${p99} ms`)
  for (const miss of misses.slice(0, 10)) process.stdout.write(`  ${miss}\n`)
  return misses.length
}

/** The load: answers at 50 tokens a second. */
async function watchSteady(spool: SpoolUnderTest, session: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stream(spool, session, { message: 'go', model: 'demo/steady?tokens=500&tps=50&seed=1' }, { signal })
  }
}

/** Persistence is frozen, or killed, before the answer ends: nothing is told until it is back. */
async function countEarly(spool: SpoolUnderTest, database: Pool, how: 'frozen' | 'killed'): Promise<number> {
  let early = 0
  const late: number[] = []
  for (let index = 0; index < FREEZES; index++) {
    const session = `${how}-${index}`
    const chat = await ask(spool, session, 'go', 'demo/steady?tokens=30&tps=50&seed=1')
    await chat.until(({ frames }) => frames.length >= 5)
    const pid = spool.pidOf('persistence')
    if (how === 'frozen') process.kill(pid, 'SIGSTOP')
    else spool.kill('persistence')
    if (how === 'frozen') {
      await sleep(1500)
      if (isOver(chat)) early++
      process.kill(pid, 'SIGCONT')
    }
    const backAt = performance.now()
    await chat.until(isOver)
    late.push(performance.now() - backAt)
    await spool.waitReady()
    const text = chat.jsons.map(({ content }) => content ?? '').join('')
    if ((await missing(spool, database, session, text)) !== null) early++
  }
  report(
    `[DONE] before its answer was stored, persistence ${how} before the end (${FREEZES} times)`,
    String(early),
    '0',
  )
  report(
    `  until [DONE] after it was ${how === 'frozen' ? 'let go on' : 'killed'}`,
    `at most ${Math.max(...late).toFixed(0)} ms`,
  )
  return early
}

/** What the database does while one answer is written in a number of pieces, in the same time. */
async function writesOf(spool: SpoolUnderTest, database: Pool, tokens: number, seconds: number) {
  const read = async () => {
    // Each connection tells of what it did at most once a second.
    await sleep(2500)
    const { rows } = await database.query<{ commits: string; rows: string; chunks: string }>(
      `select (select xact_commit from pg_stat_database where datname = current_database()) as commits,
        (select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables where relname <> 'events') as rows,
        (select count(*) from events where type = 'text.delta') as chunks`,
    )
    return Object.fromEntries(Object.entries(rows[0]!).map(([name, value]) => [name, Number(value)])) as {
      commits: number
      rows: number
      chunks: number
    }
  }
  const before = await read()
  const startedAt = performance.now()
  if (tokens > 0) {
    const model = `demo/steady?tokens=${tokens}&tps=${tokens / seconds}&seed=1`
    const chat = await ask(spool, `writes-${tokens}`, 'go', model)
    await chat.ended()
  }
  await sleep(Math.max(0, seconds * 1000 + 1000 - (performance.now() - startedAt)))
  const after = await read()
  return {
    commits: after.commits - before.commits,
    rows: after.rows - before.rows,
    chunks: after.chunks - before.chunks,
  }
}

const spool = await startSpool({ copies: { gateway: 2 } })
let faults = 0
try {
  const { databaseUrl, bus } = await openRunning(spool)
  const database = new Pool({ connectionString: databaseUrl, max: 4 })
  faults += await countMisses(spool, database)
  faults += await countEarly(spool, database, 'frozen')
  faults += await countEarly(spool, database, 'killed')
  for (const [tokens, seconds] of [
    [0, 5],
    [50, 5],
    [5000, 5],
  ] as const) {
    const { commits, rows, chunks } = await writesOf(spool, database, tokens, seconds)
    const what =
      tokens === 0 ? `idle for ${seconds} s` : `an answer of ${tokens} tokens in ${seconds} s (${chunks} chunks)`
    report(`commits, and rows written beside events, ${what}`, `${commits}, ${rows}`)
  }
  await database.end()
  await bus.close()
} finally {
  await spool.stop()
}
writeFigures()
process.exit(faults === 0 ? 0 : 1)
