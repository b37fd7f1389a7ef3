import { expect, test } from 'vitest'
import type { Figure } from './figure.ts'
import { tableOf } from './table.ts'

const figure: Figure = {
  what: 'resume of 10,000 events',
  unit: 'ms',
  sync: 'default',
  spool: { p50: 30, max: 45.25 },
  beside: { 'bare file': { p50: 60 }, redis: null },
  asked: { text: '500 ms', reached: true },
  note: 'redis could not be had here.',
}

test('a figure is a line for us, and one for each of the others with what we are of that', () => {
  const lines = tableOf([figure]).split('\n')
  expect(lines[0]).toMatch(/^resume of 10,000 events +spool +p50 30 {2}max 45\.3 ms +500 ms: reached$/)
  expect(lines[1]).toMatch(/^ +bare file +p50 60 ms +p50 0\.50$/)
})

test('what could not be measured is a line, too, and why stands below', () => {
  const lines = tableOf([figure]).split('\n')
  expect(lines[2]).toMatch(/^ +redis +-$/)
  expect(lines[3]).toBe('    redis could not be had here.')
})

test('a figure that is not reached stands out, and so does the sync it was measured with', () => {
  const [line] = tableOf([{ ...figure, sync: 'always', asked: { text: '500 ms', reached: false } }]).split('\n')
  expect(line).toMatch(/^resume of 10,000 events \(sync_interval: always\).*500 ms: NOT REACHED$/)
})
