#!/usr/bin/env node
// Plain JavaScript for any Node from 20 on: there before anything is installed or built.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = new URL('../dist/main.js', import.meta.url)
const packages = new URL('../node_modules', import.meta.url)

if (!existsSync(main) || !existsSync(packages)) {
  process.stderr.write(
    'Spool is not built yet. Run `npm start` once in the checkout: it installs and builds all it needs.\n',
  )
  process.exitCode = 3
} else if (Number.parseInt(process.versions.node) >= 24) await import(main.href)
else await underNode24()

/** `npm start` has brought one along. */
async function underNode24() {
  const { spawn } = await import('node:child_process')
  const { findNode } = await import('../../../infra/dev/set-up.mjs')
  const child = spawn(findNode(), [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches both of us; what it means is said there.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill())
  child.on('exit', (code) => process.exit(code ?? 1))
}
