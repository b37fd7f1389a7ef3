import { ExitCode } from './exit-codes.ts'

/** Ends a command with a sentence for the person who typed it: what happened, and what to do next. */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export const usageProblem = (message: string) => new Problem(ExitCode.usage, message)
export const unavailable = (message: string, cause?: unknown) => new Problem(ExitCode.unavailable, message, { cause })
export const failed = (message: string, cause?: unknown) => new Problem(ExitCode.failed, message, { cause })
