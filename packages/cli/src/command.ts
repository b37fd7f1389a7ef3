import type { Connections } from './connecting/connections.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Output } from './output/output.ts'

/** An option as the command line takes it: `--name value`, or `--name` alone. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** May be given more than once. */
  readonly multiple?: boolean
  /** For `--help`: what stands for the value (`CURSOR`), and what it does. */
  readonly value?: string
  readonly summary: string
}

export interface Given {
  /** What is not an option, in its order. */
  readonly words: readonly string[]
  /** Text of `--name value`; `undefined` where it was not given. */
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
}

/** What a command works with. */
export interface Context {
  readonly given: Given
  readonly output: Output
  readonly connections: Connections
  /** Aborted by Ctrl-C: end cleanly and soon. */
  readonly signal: AbortSignal
  readonly stdin: NodeJS.ReadStream
}

/** How `spool --help` lists a command. What it does is loaded when it is asked for. */
export interface ListedCommand {
  readonly name: string
  /** One line. */
  readonly summary: string
  load(): Promise<Command>
}

/** What one `spool <name> …` does. A folder each, with its own tests. */
export interface Command {
  /** The words after the name, as `--help` shows them: `<session> [--from CURSOR]` without the options. */
  readonly words: string
  /** Lines below the options in `spool <name> --help`: examples, what is safe. */
  readonly details?: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Returns an exit code where it is not 0; throws `Problem` where it cannot go on. */
  run(context: Context): Promise<ExitCode | void>
}
