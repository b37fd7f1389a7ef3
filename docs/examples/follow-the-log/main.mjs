import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { followLog } from './follow-log.mjs'

/*
 * Writes a line into a file for each run that is completed. An event comes at least once: the position is written
 * together with what was done for it, so one that comes again is known. With a database, put both into one transaction;
 * with another service, send the position along as the idempotency key.
 */

const url = process.env.NATS_URL ?? 'nats://reader:reader@127.0.0.1:4222'
const file = process.env.RUNS_FILE ?? 'runs.jsonl'

const done = lastPositions(file)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort())

await followLog({
  url,
  name: 'follow-the-log',
  signal: stopping.signal,
  onEvent({ position, tenant, session, type, event }) {
    if (type !== 'run.completed' || position.seq <= (done.get(position.stream) ?? 0)) return
    onRunCompleted({ position, tenant, session, event })
    done.set(position.stream, position.seq)
  },
  onGap({ tenant, session, after, before }) {
    // What is between is in Postgres for good: GET /v1/sessions/<session>/events?after=<epoch>-<after>
    process.stderr.write(`Missed events of ${tenant}/${session} between ${after} and ${before}: away for too long\n`)
  },
})

/** Your own part. */
function onRunCompleted({ position, tenant, session, event }) {
  const { run, status, usage, duration_ms: durationMs, at } = event
  const line = JSON.stringify({ position, tenant, session, run, status, usage, durationMs, at })
  appendFileSync(file, `${line}\n`, { flush: true })
  process.stdout.write(`${line}\n`)
}

/** A line that was cut off by a crash is not done: it is written again, on a line of its own. */
function lastPositions(path) {
  const last = new Map()
  if (!existsSync(path)) return last
  const text = readFileSync(path, 'utf8')
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n')
  for (const line of text.split('\n')) {
    try {
      const { stream, seq } = JSON.parse(line).position
      last.set(stream, Math.max(seq, last.get(stream) ?? 0))
    } catch {
      continue
    }
  }
  return last
}
