import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { launcherTable, servicesTable } from './settings-tables.ts'

/** Without the spaces that a formatter puts into tables. */
function bare(text: string): string {
  return text.replaceAll(/ *\| */g, '|')
}

const readme = bare(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'))

test.each([...launcherTable(), ...servicesTable()])('the README has the setting %s', (row) => {
  expect(readme).toContain(bare(row))
})
