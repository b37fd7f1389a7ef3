import { parseArgs } from 'node:util'
import type { Command, Given, OptionSpec } from './command.ts'
import { usageProblem } from './problem.ts'

/** What every command takes. */
export const COMMON: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', summary: 'one JSON document per line instead of text' },
  help: { type: 'boolean', short: 'h', summary: 'what it does and how to ask for it' },
}

export function readArguments(command: Command, args: readonly string[]): Given {
  try {
    const specs = { ...command.options, ...COMMON }
    const options = Object.fromEntries(
      Object.entries(specs).map(([name, { type, short, multiple }]) => [
        name,
        { type, ...(short !== undefined && { short }), ...(multiple === true && { multiple }) },
      ]),
    )
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const texts = (name: string): string[] =>
      [values[name] ?? []].flat().filter((value): value is string => typeof value === 'string')
    return {
      words: positionals,
      text: (name) => texts(name).at(-1),
      texts,
      flag: (name) => values[name] === true,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageProblem(`${why}\nsee: spool ${command.name} --help`)
  }
}
