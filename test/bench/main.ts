/**
 * Measures Spool beside what people would use instead: `npm run bench -- [--quick] [--only fan-out,resume]`. One table,
 * and JSON to the path in BENCH_JSON. What each line means, and what is fair in it and what not: docs/benchmarks.md.
 * Ends with 0 also where a figure is not what was asked for, which is in its line; with 1 where something did not run.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figure, Sync } from './figure.ts'
import { described, thisMachine } from './machine.ts'
import { type Measurement, measurementsNamed } from './measurements.ts'
import type { Outcome } from './measuring.ts'
import { heading, ratiosTo, tableOf } from './table.ts'

/** Far longer than any of them takes, the longest on a slow machine too. */
const LONGEST_MS = 120 * 60_000

const { values: given } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const root = fileURLToPath(new URL('../../', import.meta.url))
const at = new Date().toISOString()
const file = process.env['BENCH_JSON'] ?? `${root}.bench/bench-${at.replaceAll(':', '-').slice(0, 19)}.json`
const say = (text: string) => process.stdout.write(text)

let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void leave())

async function leave(): Promise<void> {
  if (running !== undefined && running.exitCode === null && running.signalCode === null) {
    const over = once(running, 'exit')
    running.kill('SIGTERM')
    await over
  }
  process.exit(130)
}

/** In a process of its own. */
async function outcomeOf(measurement: Measurement, sync: Sync): Promise<Outcome> {
  const words = ['--sync', sync, ...(given.quick ? ['--quick'] : [])]
  const child = fork(fileURLToPath(new URL(measurement.file, import.meta.url)), words)
  running = child
  let outcome: Outcome | undefined
  child.once('message', (message) => (outcome = message as Outcome))
  const timeout = setTimeout(() => child.kill('SIGTERM'), LONGEST_MS)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timeout)
  if (outcome === undefined) throw new Error(`it ended with ${signal ?? code} before it had a figure`)
  return outcome
}

interface Result {
  measurement: string
  figures: readonly Figure[]
}

const machine = await thisMachine()
say(`${described(machine)}${given.quick ? 'Quick: shows that it runs, not how fast.\n' : ''}\n${heading()}`)
const results: Result[] = []
const without: { measurement: string; why: string; failed: boolean }[] = []
for (const measurement of measurementsNamed(given.only)) {
  for (const sync of measurement.syncs) {
    const { name } = measurement
    say(`-- ${name}${sync === 'always' ? ', sync_interval: always' : ''}\n`)
    try {
      const outcome = await outcomeOf(measurement, sync)
      if ('cannot' in outcome) {
        without.push({ measurement: name, why: outcome.cannot, failed: false })
        say(`${outcome.cannot}\n`)
      } else {
        results.push({ measurement: name, figures: outcome.figures })
        say(tableOf(outcome.figures))
      }
    } catch (error) {
      const why = (error as Error).message
      without.push({ measurement: name, why, failed: true })
      say(`FAILED: ${why}\n`)
    }
  }
}

const figures = results.flatMap(({ measurement, figures: some }) =>
  some.map((figure) => {
    const measured = Object.entries(figure.beside).filter(([, values]) => values !== null)
    const ratios = Object.fromEntries(measured.map(([who, values]) => [who, ratiosTo(figure, values!)]))
    return { measurement, ...figure, ratios }
  }),
)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify({ at, quick: given.quick, machine, figures, without }, null, 2)}\n`)
const missed = figures.filter(({ asked }) => asked?.reached === false)
const failed = without.filter((one) => one.failed)
say(
  `\n${figures.length} figures, ${missed.length} of them not what was asked for; ` +
    `${failed.length} measurements failed to run. ${file}\n`,
)
process.exit(failed.length === 0 ? 0 : 1)
