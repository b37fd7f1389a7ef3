import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folderForTest } from '../launching.ts'

// A workspace with one package, in which npx, the compiler, the linters and vitest are scripts that note that they ran.

const devFolder = join(import.meta.dirname, '../..')

const fakeNpx = `#!/bin/sh
echo "npx $*" >> calls.txt
[ -z "$FAIL_INSTALL" ] || { echo 'no such registry'; exit 1; }
mkdir -p node_modules/typescript/bin node_modules/oxlint/bin node_modules/oxfmt/bin node_modules/vitest
for program in typescript/bin/tsc oxlint/bin/oxlint oxfmt/bin/oxfmt vitest/vitest.mjs; do
  cp programs/$(basename $program).js node_modules/$program
done
`

const fakeCompiler = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
if (process.argv[2] === '-b') {
  appendFileSync('calls.txt', 'tsc -b\\n')
  if (process.env.FAIL_BUILD) { console.log('src/a.ts(1,1): error TS1'); process.exit(2) }
  mkdirSync('packages/a/dist', { recursive: true })
  writeFileSync('packages/a/dist/.tsbuildinfo', '')
}
if (process.argv[2] === '-p' && process.env.FAIL_TYPES) process.exit(2)
`

const fakeLinter = `process.exitCode = process.env.FAIL_LINT ? 1 : 0`

const fakeVitest = `
import { writeFileSync } from 'node:fs'
const report = process.argv.find((argument) => argument.startsWith('--outputFile.json=')).split('=')[1]
if (process.env.VITEST_REPORT) writeFileSync(report, process.env.VITEST_REPORT)
process.exitCode = Number(process.env.VITEST_CODE ?? 0)
`

export interface SmallWorkspace {
  root: string
  /** With our scripts in `infra/dev` and the pretended npx on PATH. */
  env: NodeJS.ProcessEnv
  write(path: string, text: string): void
  calls(): string[]
}

export function smallWorkspace(): SmallWorkspace {
  const root = folderForTest()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('package.json', JSON.stringify({ name: 'small', type: 'module', packageManager: 'pnpm@1.2.3' }))
  write('pnpm-lock.yaml', 'lockfileVersion: 9\n')
  write('packages/a/src/a.ts', 'export const a = 1\n')
  write('packages/a/tsconfig.json', '{}')
  write('services/none/note', '')
  write('calls.txt', '')
  write('bin/npx', fakeNpx)
  chmodSync(join(root, 'bin/npx'), 0o755)
  write('programs/tsc.js', fakeCompiler)
  write('programs/oxlint.js', fakeLinter)
  write('programs/oxfmt.js', '')
  write('programs/vitest.mjs.js', fakeVitest)
  mkdirSync(join(root, 'infra/dev'), { recursive: true })
  for (const script of ['set-up.mjs', 'test.mjs'])
    copyFileSync(join(devFolder, script), join(root, 'infra/dev', script))
  return {
    root,
    env: { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, HOME: process.env['HOME'] },
    write,
    calls: () => readFileSync(join(root, 'calls.txt'), 'utf8').split('\n').filter(Boolean),
  }
}
