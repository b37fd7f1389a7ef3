import { parseArgs } from 'node:util'
import { jsonOutput } from '../output/json-output.ts'
import type { Output } from '../output/output.ts'
import { readableOutput } from '../output/readable-output.ts'

export interface Arguments {
  /** Look whether everything needed is there, and start nothing. */
  checkOnly: boolean
  /** Build again what is saved, and restart what was built again. */
  watch: boolean
  output: Output
}

export function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: { check: { type: 'boolean' }, watch: { type: 'boolean' }, log: { type: 'string', default: 'text' } },
    })
    const { check = false, watch = false, log } = values
    if (log !== 'text' && log !== 'json') throw new Error(`--log takes text or json, not ${log}`)
    const output = log === 'json' ? jsonOutput(process.stdout) : readableOutput(process.stdout)
    return { checkOnly: check, watch, output }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.stderr.write('Usage: npm start -- [--check] [--log text|json]\n')
    return process.exit(1)
  }
}
