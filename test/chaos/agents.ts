/**
 * Runs of agents while everything that carries them is killed at random, again and again:
 * `npm run chaos -- --runs 1000`. Every run must end within 60 s of the last kill, in an unbroken chain, with nothing
 * done twice; what the database says must be the fold of the log, and nothing may be left in a queue. Prints what it
 * finds wrong and says in its last line how it went. The same `--seed` begins the same runs; where the kills hit them,
 * nobody can say.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chaos } from './chaos.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '5' },
    /** Milliseconds between kills. */
    least: { type: 'string', default: '500' },
    most: { type: 'string', default: '4000' },
    copies: { type: 'string', default: '2' },
    /** A file for what all processes wrote. */
    logs: { type: 'string' },
  },
})

const print = (line: string) => process.stdout.write(`${line}\n`)
const table = (counts: Record<string, number>) => {
  for (const [what, count] of Object.entries(counts).toSorted()) print(`${String(count).padStart(7)}  ${what}`)
}
const startedAt = performance.now()

print(`${values.runs} runs, seed ${values.seed}`)
const report = await chaos({
  runs: Number(values.runs),
  concurrency: Number(values.concurrency),
  seed: Number(values.seed),
  kills: Number(values.kills),
  pauseMs: [Number(values.least), Number(values.most)],
  copies: Number(values.copies),
  endWithinMs: 60_000,
  say: (line) => print(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${line}`),
})
if (values.logs !== undefined) writeFileSync(values.logs, report.logs)
table(report.ends)
table(report.calls)
table(Object.fromEntries(Object.entries(report.memories).map(([status, count]) => [`memory ${status}`, count])))
table(Object.fromEntries(Object.entries(report.kills).map(([name, count]) => [`kills of ${name}`, count])))
for (const fault of report.faults) print(`WRONG  ${fault}`)
const kills = Object.values(report.kills).reduce((sum, one) => sum + one, 0)
print(
  `${values.runs} runs, ${report.events} events, ${kills} kills in ${(report.tookMs / 1000).toFixed(0)} s; ` +
    `${report.openAtLastKill} open at the last kill, the last of them over after ${(report.lastEndMs / 1000).toFixed(1)} s; ` +
    `${report.faults.length} faults`,
)
process.exit(report.faults.length === 0 ? 0 : 1)
