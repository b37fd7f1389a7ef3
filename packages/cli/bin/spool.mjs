#!/usr/bin/env node
// Plain JavaScript: there before anything is built.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) await import(main.href)
else {
  process.stderr.write('Spool is not built yet. Run `npm start` once, or `npm run build`, in the checkout.\n')
  process.exitCode = 3
}
