import { ConfigError, type Environment } from '@spool/config'
import { readArguments } from './arguments.ts'
import { COMMANDS } from './commands.ts'
import { Connections } from './connecting/connections.ts'
import { cliSettings } from './connecting/settings.ts'
import { ExitCode } from './exit-codes.ts'
import { helpOf, helpOfAll } from './help.ts'
import { Output } from './output/output.ts'
import { Problem, usageProblem } from './problem.ts'

/** One call of `spool`, up to its exit code. */
export async function runCli(args: readonly string[], env: Environment, signal: AbortSignal): Promise<ExitCode> {
  const output = new Output(args.includes('--json'))
  try {
    return await dispatch(args, env, output, signal)
  } catch (error) {
    // Ctrl-C: whatever it broke off with.
    if (signal.aborted) return ExitCode.interrupted
    const { exitCode, message } = inWords(error)
    output.data({ error: message })
    output.note(message)
    return exitCode
  }
}

async function dispatch(
  args: readonly string[],
  env: Environment,
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.raw(`${helpOfAll(COMMANDS)}\n`)
    return name === undefined ? ExitCode.usage : ExitCode.done
  }
  const command = COMMANDS.find((known) => known.name === name)
  if (command === undefined) throw usageProblem(`There is no command "${name}".\nsee: spool --help`)
  const given = readArguments(command, rest)
  if (given.flag('help')) {
    output.raw(`${helpOf(command)}\n`)
    return ExitCode.done
  }
  const connections = new Connections(cliSettings(env))
  try {
    const code = await command.run({ given, output, connections, signal, stdin: process.stdin })
    return signal.aborted ? ExitCode.interrupted : (code ?? ExitCode.done)
  } finally {
    await connections.close()
  }
}

function inWords(error: unknown): { exitCode: ExitCode; message: string } {
  if (error instanceof Problem) return error
  if (error instanceof ConfigError) return { exitCode: ExitCode.usage, message: error.message }
  // Errors of ours are sentences for people already.
  return { exitCode: ExitCode.failed, message: error instanceof Error ? error.message : String(error) }
}
