import { parseArgs } from 'node:util'
import type { Figure, Measure, Setting } from './figure.ts'
import { tableOf } from './table.ts'

/** What the process of one measurement hands over to `main.ts`. */
export type Outcome = { figures: readonly Figure[] } | { cannot: string }

/** It cannot be measured on this machine, and the message says why. That is a line of the table, and no failure. */
export class CannotMeasure extends Error {}

/**
 * The end of each measurement's file: `if (import.meta.main) await measured(measureX)`. Run by hand it prints its own
 * table (`--quick`, `--sync always`). In a process of its own in any case: none warms, or burdens, the next.
 */
export async function measured(measure: Measure): Promise<void> {
  // Whoever started this is gone. What was started from here goes with this process.
  process.once('disconnect', () => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  const outcome = await outcomeOf(measure, settingOf(process.argv.slice(2)))
  if (process.send === undefined) {
    process.stdout.write('figures' in outcome ? tableOf(outcome.figures) : `${outcome.cannot}\n`)
    process.exit(0)
  }
  process.send(outcome, () => process.exit(0))
}

async function outcomeOf(measure: Measure, setting: Setting): Promise<Outcome> {
  try {
    const figures = await measure(setting)
    // Seconds are too short to judge by.
    return { figures: setting.quick ? figures.map(({ asked: _asked, ...figure }) => figure) : figures }
  } catch (error) {
    if (error instanceof CannotMeasure) return { cannot: error.message }
    throw error
  }
}

function settingOf(words: string[]): Setting {
  const { values } = parseArgs({
    args: words,
    options: { quick: { type: 'boolean', default: false }, sync: { type: 'string', default: 'default' } },
  })
  const { quick, sync } = values
  if (sync !== 'default' && sync !== 'always') throw new Error(`--sync is default or always, and not ${sync}`)
  return { quick, sync }
}
