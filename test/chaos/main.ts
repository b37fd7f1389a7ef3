/**
 * Conversations of all kinds, 200 at a time, while everything that carries them is killed, frozen, cut off and lied to:
 * `npm run chaos -- --minutes 30 --seed 7`. Afterwards everything that anybody saw is compared with everything that lies
 * anywhere. Prints one table, what is wrong, and in its last line how it went. The same `--seed` brings the same faults
 * and the same clients; where the ones hit the others, nobody can say.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chaos } from './chaos.ts'
import { PROFILES, type Profile } from './profile.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sessions: { type: 'string', default: '200' },
    profile: { type: 'string', default: 'single' },
    /** A file for what all processes wrote. */
    logs: { type: 'string' },
    /** A file for the report. */
    json: { type: 'string' },
  },
})
const profile = PROFILES.find((one): one is Profile => one === values.profile)
const numbers = [values.minutes, values.seed, values.sessions].map(Number)
const isPlayed = Number(values.minutes) > 0 && Number(values.sessions) > 0
if (profile === undefined || !isPlayed || !numbers.every((number) => number >= 0)) {
  console.error(
    'npm run chaos -- [--minutes 1] [--seed N] [--sessions 200] [--profile single|cluster] [--logs f] [--json f]',
  )
  process.exit(2)
}

const [minutes = 1, seed = 0, sessions = 200] = numbers
const startedAt = performance.now()
console.log(`seed ${seed}: ${minutes} min of ${sessions} sessions, ${profile}`)
const report = await chaos({
  profile,
  seed,
  sessions,
  lengthMs: minutes * 60_000,
  endWithinMs: 60_000,
  say: (line) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${line}`),
})
const { logs, ...told } = report
if (values.logs !== undefined) writeFileSync(values.logs, logs)
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ seed, minutes, sessions, profile, ...told }))
console.log(table(report))
for (const wrong of report.wrong) console.log(`WRONG  ${wrong}`)
console.log(
  `seed ${seed}: ${report.runs} runs, ${report.verdicts.events} events, ${report.faults.length} faults in ` +
    `${(report.tookMs / 1000).toFixed(0)} s; ${report.openAtLastFault} conversations open at the last fault, the last of ` +
    `them over after ${(report.lastEndMs / 1000).toFixed(1)} s; ${report.wrong.length} wrong`,
)
process.exit(report.wrong.length === 0 ? 0 : 1)
