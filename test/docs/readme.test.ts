import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bare } from './bare.ts'
import { launcherTable, servicesTable } from './settings-tables.ts'

const readme = bare(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'))

test.each([...launcherTable(), ...servicesTable()])('the README has the setting %s', (row) => {
  expect(readme).toContain(bare(row))
})
