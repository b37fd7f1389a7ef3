// `npm test`: sets up what is missing, then lint, types and every test. The last line says how it went.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { root, setUp, SetUpProblem } from './set-up.mjs'

const print = (line) => process.stdout.write(`${line}\n`)
const bin = (path) => join(root, 'node_modules', path)
const counts = { passed: 0, failed: 0, skipped: 0 }

try {
  const node = await setUp(
    (what, durationMs) => print(`  ✓ ${what} (${(durationMs / 1000).toFixed(1)} s)`),
    (line) => print(`    ${line}`),
  )
  await one('lint', node, [bin('oxlint/bin/oxlint'), '--deny-warnings'])
  await one('format', node, [bin('oxfmt/bin/oxfmt'), '--check'])
  await one('types', node, [bin('typescript/bin/tsc'), '-p', 'tsconfig.tests.json'])
  await vitest(node, bin('vitest/vitest.mjs'))
} catch (error) {
  print(error instanceof SetUpProblem ? error.message : String(error?.stack ?? error))
  counts.failed++
}

process.exitCode = counts.failed === 0 ? 0 : 1
print(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`)

/** Lint, format and types count as one test each. */
async function one(what, node, args) {
  const code = await run(node, args)
  if (code === 0) counts.passed++
  else counts.failed++
  print(code === 0 ? `  ✓ ${what}` : `  ✗ ${what}`)
}

async function vitest(node, program) {
  const folder = mkdtempSync(join(tmpdir(), 'spool-report-'))
  const report = join(folder, 'report.json')
  try {
    const code = await run(node, [
      program,
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const found = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
    counts.passed += found?.numPassedTests ?? 0
    counts.failed += found?.numFailedTests ?? 0
    counts.skipped += (found?.numPendingTests ?? 0) + (found?.numTodoTests ?? 0)
    // A file that cannot be loaded, an error outside of any test, or a vitest that fell: no test failed, and yet.
    const unnoticed = found === undefined || (code !== 0 && found.numFailedTests === 0)
    if (unnoticed) counts.failed += Math.max(1, found?.numFailedTestSuites ?? 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(node, args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: root,
      env: {
        // A hundred processes are started: a fifth less time for each.
        NODE_COMPILE_CACHE: join(root, 'node_modules/.spool-compiled'),
        ...process.env,
        // What tests start by name is this Node too.
        PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      print(error.message)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}
