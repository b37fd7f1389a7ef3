import { writeFileSync } from 'node:fs'

interface Figure {
  what: string
  value: string
  asked: string
}

const figures: Figure[] = []

/** A line of the table. */
export function report(what: string, value: string, asked = ''): void {
  figures.push({ what, value, asked })
  process.stdout.write(`${what.padEnd(66)} ${value.padStart(28)}   ${asked}\n`)
}

/** All that was reported, as JSON, to the path in BENCH_JSON. */
export function writeFigures(): void {
  const file = process.env['BENCH_JSON']
  if (file !== undefined) writeFileSync(file, JSON.stringify(figures, null, 2))
}
