import { parseArgs } from 'node:util'
import type { Command, Given, OptionSpec } from './command.ts'
import { usageProblem } from './problem.ts'

/** What every command takes. */
export const COMMON: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', summary: 'one JSON document per line instead of text' },
  help: { type: 'boolean', short: 'h', summary: 'what it does and how to ask for it' },
}

export function readArguments(name: string, command: Command, args: readonly string[]): Given {
  try {
    const specs = { ...command.options, ...COMMON }
    const options = Object.fromEntries(
      Object.entries(specs).map(([option, { type, short, multiple }]) => [
        option,
        { type, ...(short !== undefined && { short }), ...(multiple === true && { multiple }) },
      ]),
    )
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const texts = (option: string): string[] =>
      [values[option] ?? []].flat().filter((value): value is string => typeof value === 'string')
    return {
      words: positionals,
      text: (option) => texts(option).at(-1),
      texts,
      flag: (option) => values[option] === true,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageProblem(`${why}\nsee: spool ${name} --help`)
  }
}
