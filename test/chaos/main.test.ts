import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Tests are compiled; this is what Node makes of it by itself. */
test.each([
  ['another profile', '--profile'],
  ['no time', '--minutes'],
  ['nobody', '--sessions'],
])('npm run chaos can be run, and says what it takes: not %s', (_, option) => {
  const { status, stderr } = spawnSync(process.execPath, ['test/chaos/main.ts', option, '0'], { encoding: 'utf8' })
  expect(stderr).toContain('npm run chaos -- [--minutes 1]')
  expect(status).toBe(2)
})
