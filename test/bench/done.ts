/**
 * What chat with [DONE] promises, counted: at the moment `[DONE]` arrives, another gateway, which has told this client
 * nothing and so waits for nothing, must have the answer under its id, and so must the database.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { Pool } from 'pg'
import { ChatStream } from '../conformance/support/chat-stream.ts'
import { openRunning } from '../e2e/support/running.ts'
import { stream } from '../e2e/support/system.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { spread } from './statistics.ts'

const BESIDE = 30

type Line = Omit<Figure, 'sync' | 'beside'>

export async function measureDone({ quick, sync }: Setting): Promise<Figure[]> {
  const size = quick
    ? { checks: 20, clients: 5, times: 1, seconds: 1 }
    : { checks: 1000, clients: 20, times: 5, seconds: 5 }
  const spool = await startSpool({ copies: { gateway: 2 } })
  const { databaseUrl, bus } = await openRunning(spool)
  const database = new Pool({ connectionString: databaseUrl, max: 4 })
  try {
    const lines = [
      ...(await linesOfMisses(spool, database, size)),
      ...(await linesOfEarly(spool, database, 'frozen', size.times)),
      ...(await linesOfEarly(spool, database, 'killed', size.times)),
    ]
    for (const tokens of [0, 50, 5000]) lines.push(await lineOfWrites(spool, database, tokens, size.seconds))
    return lines.map((line) => ({ ...line, sync, beside: {} }))
  } finally {
    await database.end()
    await bus.close()
    await spool.stop()
  }
}

const none = (count: number) => ({ text: '0', reached: count === 0 })

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

async function linesOfMisses(
  spool: SpoolUnderTest,
  database: Pool,
  { checks, clients }: { checks: number; clients: number },
): Promise<Line[]> {
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
  return [
    {
      what: `[DONE] before its answer was stored, of ${checks}, ${clients} clients, ${BESIDE} other streams`,
      unit: 'count',
      spool: { times: misses.length },
      asked: none(misses.length),
      ...(misses.length > 0 && { note: misses.slice(0, 10).join('; ') }),
    },
    { what: 'from the last word to [DONE]', unit: 'ms', spool: spread(waits) },
  ]
}

/** The load: answers at 50 tokens a second. */
async function watchSteady(spool: SpoolUnderTest, session: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stream(spool, session, { message: 'go', model: 'demo/steady?tokens=500&tps=50&seed=1' }, { signal })
  }
}

/** Persistence is frozen, or killed, before the answer ends: nothing is told until it is back. */
async function linesOfEarly(
  spool: SpoolUnderTest,
  database: Pool,
  how: 'frozen' | 'killed',
  times: number,
): Promise<Line[]> {
  let early = 0
  const late: number[] = []
  for (let index = 0; index < times; index++) {
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
  return [
    {
      what: `[DONE] before its answer was stored, persistence ${how} before the end (${times} times)`,
      unit: 'count',
      spool: { times: early },
      asked: none(early),
    },
    {
      what: `until [DONE] after persistence was ${how === 'frozen' ? 'let go on' : 'killed'} (${times} times)`,
      unit: 'ms',
      spool: { worst: Math.max(...late) },
    },
  ]
}

/** What the database does while one answer is written in a number of pieces, in the same time. */
async function lineOfWrites(spool: SpoolUnderTest, database: Pool, tokens: number, seconds: number): Promise<Line> {
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
  const what = tokens === 0 ? 'nothing else going on' : `an answer of ${tokens.toLocaleString('en')} tokens`
  return {
    what: `commits, and rows written beside events, in ${seconds} s with ${what}`,
    unit: 'count',
    spool: {
      commits: after.commits - before.commits,
      rows: after.rows - before.rows,
      chunks: after.chunks - before.chunks,
    },
  }
}

if (import.meta.main) await measured(measureDone)
