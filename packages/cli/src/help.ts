import { COMMON } from './arguments.ts'
import type { Command, ListedCommand, OptionSpec } from './command.ts'

export function helpOfAll(commands: readonly ListedCommand[]): string {
  const width = Math.max(0, ...commands.map(({ name }) => name.length))
  return [
    'spool: looks at, follows and looks after the conversations of a Spool deployment',
    '',
    ...commands.map(({ name, summary }) => `  spool ${name.padEnd(width)}  ${summary}`),
    '',
    'spool <command> --help tells more. In the checkout it finds what `npm start` runs; elsewhere set',
    'SPOOL_URL and SPOOL_KEY (chat, tail, show), NATS_URL and DATABASE_URL (the others).',
    'spool --version says which one this is.',
    'Exit codes: 0 done, 1 failed or not as it must be, 2 misunderstood, 3 something does not answer, 130 interrupted.',
  ].join('\n')
}

export function helpOf({ name: command, summary }: ListedCommand, { words, options: own, details }: Command): string {
  const options = Object.entries({ ...own, ...COMMON }).map(([name, spec]) => [flagOf(name, spec), spec] as const)
  const width = Math.max(...options.map(([flag]) => flag.length))
  return [
    `spool ${command} ${words}`.trimEnd(),
    '',
    `  ${summary}`,
    '',
    ...options.map(([flag, option]) => `  ${flag.padEnd(width)}  ${option.summary}`),
    ...(details === undefined ? [] : ['', details]),
  ].join('\n')
}

function flagOf(name: string, { short, value }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}
