import { execFileSync } from 'node:child_process'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type SmallWorkspace, smallWorkspace } from './small-workspace/small-workspace.ts'

const program = `
  const { setUp } = await import('./infra/dev/set-up.mjs')
  await setUp(() => {}, (line) => console.log(line)).then((node) => console.log(node), (error) => console.log(error.message))
`

const install = 'npx --yes pnpm@1.2.3 install --frozen-lockfile --pm-on-fail=ignore'

function setUp({ root, env }: SmallWorkspace, more: Record<string, string> = {}): string {
  const options = { cwd: root, env: { ...env, ...more }, encoding: 'utf8' } as const
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], options)
}

/** As if it were saved a little later than it really was: file systems may not tell two moments apart. */
function saveLater(workspace: SmallWorkspace, path: string, text: string): void {
  workspace.write(path, text)
  const later = new Date(Date.now() + 2_000)
  utimesSync(join(workspace.root, path), later, later)
}

test('the first time installs what the lockfile says and builds; the next time has nothing to do', () => {
  const workspace = smallWorkspace()
  expect(setUp(workspace)).toContain('installing packages with pnpm@1.2.3\nbuilding\n')
  expect(workspace.calls()).toEqual([install, 'tsc -b'])
  expect(setUp(workspace)).toBe(`${process.execPath}\n`)
  expect(workspace.calls()).toHaveLength(2)
})

test('a source that was saved since is built again, without an install', () => {
  const workspace = smallWorkspace()
  setUp(workspace)
  saveLater(workspace, 'packages/a/src/deep/b.ts', 'export const b = 2\n')
  setUp(workspace)
  expect(workspace.calls()).toEqual([install, 'tsc -b', 'tsc -b'])
})

test('another lockfile is installed', () => {
  const workspace = smallWorkspace()
  setUp(workspace)
  workspace.write('pnpm-lock.yaml', 'lockfileVersion: 9 # another\n')
  setUp(workspace)
  expect(workspace.calls().filter((call) => call === install)).toHaveLength(2)
})

test('an install that fails is told in its own words, and tried again the next time', () => {
  const workspace = smallWorkspace()
  expect(setUp(workspace, { FAIL_INSTALL: '1' })).toContain('The packages could not be installed.\nno such registry')
  setUp(workspace)
  expect(workspace.calls()).toEqual([install, install, 'tsc -b'])
})

test('a build that fails is told in its own words, and tried again the next time', () => {
  const workspace = smallWorkspace()
  expect(setUp(workspace, { FAIL_BUILD: '1' })).toContain('The build failed.\nsrc/a.ts(1,1): error TS1')
  setUp(workspace)
  expect(workspace.calls()).toEqual([install, 'tsc -b', 'tsc -b'])
})
