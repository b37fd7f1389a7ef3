import { ExitCode } from './exit-codes.ts'
import { Problem } from './problem.ts'

export interface InWords {
  readonly exitCode: ExitCode
  readonly message: string
}

/** How a command ends that broke off with this, and what its person is told. Errors of ours are sentences already. */
export function inWords(error: unknown): InWords {
  if (!(error instanceof Error)) return { exitCode: ExitCode.failed, message: String(error) }
  const { message } = error
  if (error instanceof Problem) {
    const { exitCode, cause } = error
    return { exitCode: exitCode === ExitCode.failed && isAway(cause) ? ExitCode.unavailable : exitCode, message }
  }
  if ('code' in error && error.code === 'EISDIR') {
    return { exitCode: ExitCode.failed, message: 'That is a folder; a file is needed. Nothing was changed.' }
  }
  if (error.name === 'JetStreamNotEnabled') return { exitCode: ExitCode.unavailable, message: NO_JETSTREAM }
  return { exitCode: EXIT_CODES[error.name] ?? (isAway(error) ? ExitCode.unavailable : ExitCode.failed), message }
}

/** Whether a gateway said with this status that not the request is at fault, but its key or something that is away. */
export function isAwayStatus(status: number): boolean {
  return status === 401 || status === 429 || status >= 500
}

/** Something does not answer, or lets nobody in. Asked again, or with another key, it may work. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (AWAY.has(error.name)) return true
  return 'status' in error && typeof error.status === 'number' && isAwayStatus(error.status)
}

const NO_JETSTREAM =
  'This NATS has no JetStream for the user of NATS_URL. Nothing was done. Here it takes the user that Spool itself has; that of readers only sees the events.'

/** By name: to import their classes would be to load what the command does not need. */
const AWAY: ReadonlySet<string> = new Set(['Unreachable', 'BusUnavailable', 'ArchiveUnavailable', 'TimeoutError'])
const EXIT_CODES: Readonly<Record<string, ExitCode>> = { ConfigError: ExitCode.usage }
