import { readdirSync, readFileSync } from 'node:fs'
import { readEvent } from '../src/vocabulary/parse-event.ts'
import type { SpoolEvent } from '../src/vocabulary/event.ts'

const folder = new URL('../fixtures/', import.meta.url)

/** Golden bodies as they were written, one file per type: `<type>.json` holds an array. Never changed, only added to. */
export function readFixtures(): Map<string, unknown[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return new Map(
    files.map((file) => [
      file.slice(0, -'.json'.length),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown[],
    ]),
  )
}

/** All of them as events. */
export function fixtureEvents(): SpoolEvent[] {
  return [...readFixtures().values()].flat().map((raw) => {
    const read = readEvent(raw)
    if (!read.ok) throw new Error(read.reason)
    return read.event
  })
}
