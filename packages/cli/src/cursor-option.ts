import type { Given } from './command.ts'
import { usageProblem } from './problem.ts'

/** A position as streams and snapshots name it: `<epoch>-<position>`, or 0 for the beginning. */
export function cursorOption(given: Given, name: string): string | undefined {
  const text = given.text(name)
  if (text === undefined || text === '0' || /^\d{1,15}-\d{1,15}$/.test(text)) return text
  throw usageProblem(
    `--${name} takes a cursor as \`spool tail --events\` shows it, such as 1-4711; 0 is the beginning.`,
  )
}
