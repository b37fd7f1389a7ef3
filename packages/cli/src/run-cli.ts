import { readFileSync } from 'node:fs'
import type { Environment } from '@spool/config'
import { readArguments } from './arguments.ts'
import { COMMANDS } from './commands.ts'
import { ExitCode } from './exit-codes.ts'
import { helpOf, helpOfAll } from './help.ts'
import { inWords } from './in-words.ts'
import { harmless } from './output/harmless.ts'
import { Output } from './output/output.ts'
import { usageProblem } from './problem.ts'

/** Where a call reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** One call of `spool`, up to its exit code. */
export async function runCli(
  args: readonly string[],
  env: Environment,
  signal: AbortSignal,
  streams: Streams = process,
): Promise<ExitCode> {
  const output = new Output(args.includes('--json'), streams.stdout, streams.stderr)
  try {
    return await dispatch(args, env, output, signal, streams)
  } catch (error) {
    // Ctrl-C: whatever it broke off with.
    if (signal.aborted) return ExitCode.interrupted
    const { exitCode, message } = inWords(error)
    output.data({ error: message })
    output.note(harmless(message))
    return exitCode
  }
}

async function dispatch(
  args: readonly string[],
  env: Environment,
  output: Output,
  signal: AbortSignal,
  { stdin }: Streams,
): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.raw(`${helpOfAll(COMMANDS)}\n`)
    return name === undefined ? ExitCode.usage : ExitCode.done
  }
  if (name === '--version') {
    output.raw(`${version()}\n`)
    return ExitCode.done
  }
  const listed = COMMANDS.find((known) => known.name === name)
  if (listed === undefined) throw usageProblem(`There is no command "${name}".\nsee: spool --help`)
  const command = await listed.load()
  const given = readArguments(name, command, rest)
  if (given.flag('help')) {
    output.raw(`${helpOf(listed, command)}\n`)
    return ExitCode.done
  }
  // Not before: help is to come at once.
  const { Connections } = await import('./connecting/connections.ts')
  const { cliSettings } = await import('./connecting/settings.ts')
  const connections = new Connections(cliSettings(env))
  try {
    const code = await command.run({ given, output, connections, signal, stdin })
    return signal.aborted ? ExitCode.interrupted : (code ?? ExitCode.done)
  } finally {
    await connections.close()
  }
}

function version(): string {
  const about = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(about) as { version: string }).version
}
