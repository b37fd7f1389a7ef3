import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallWorkspace } from './small-workspace/small-workspace.ts'

interface Outcome {
  lastLine: string
  code: number | null
}

/** `npm test` in a small workspace whose programs end as they are told. */
function npmTest(env: Record<string, string>): Outcome {
  const workspace = smallWorkspace()
  const options = { cwd: '/', env: { ...workspace.env, ...env }, encoding: 'utf8', input: '' } as const
  const { stdout, status } = spawnSync(process.execPath, [join(workspace.root, 'infra/dev/test.mjs')], options)
  expect(stdout.endsWith('\n')).toBe(true)
  return { lastLine: stdout.trimEnd().split('\n').at(-1)!, code: status }
}

const report = (numbers: object) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numFailedTestSuites: 0,
    ...numbers,
  })

test('lint, format and types count as one each beside the tests', () => {
  expect(npmTest({ VITEST_REPORT: report({ numPassedTests: 40 }) })).toEqual({
    lastLine: '43 passed, 0 failed',
    code: 0,
  })
})

test('skipped tests are counted, and only then named', () => {
  const outcome = npmTest({ VITEST_REPORT: report({ numPassedTests: 1, numPendingTests: 2 }) })
  expect(outcome).toEqual({ lastLine: '4 passed, 0 failed, 2 skipped', code: 0 })
})

test('a test that fails fails the whole', () => {
  const outcome = npmTest({ VITEST_REPORT: report({ numPassedTests: 1, numFailedTests: 2 }), VITEST_CODE: '1' })
  expect(outcome).toEqual({ lastLine: '4 passed, 2 failed', code: 1 })
})

test.each([
  ['the linter', { FAIL_LINT: '1' }],
  ['the type check', { FAIL_TYPES: '1' }],
])('%s fails the whole', (_, env) => {
  const outcome = npmTest({ VITEST_REPORT: report({ numPassedTests: 1 }), ...env })
  expect(outcome).toEqual({ lastLine: '3 passed, 1 failed', code: 1 })
})

test('a vitest that falls without a report is a failure', () => {
  expect(npmTest({ VITEST_CODE: '7' })).toEqual({ lastLine: '3 passed, 1 failed', code: 1 })
})

test('a vitest that ends well and reports nothing is a failure too', () => {
  expect(npmTest({})).toEqual({ lastLine: '3 passed, 1 failed', code: 1 })
})

test('an error outside of every test is a failure', () => {
  const outcome = npmTest({ VITEST_REPORT: report({ numPassedTests: 5 }), VITEST_CODE: '1' })
  expect(outcome).toEqual({ lastLine: '8 passed, 1 failed', code: 1 })
})

test('a set-up that fails is a failure', () => {
  expect(npmTest({ FAIL_INSTALL: '1' })).toEqual({ lastLine: '0 passed, 1 failed', code: 1 })
})
