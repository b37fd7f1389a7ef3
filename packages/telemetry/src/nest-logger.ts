import type { Logger } from 'pino'

/** What NestJS expects of a logger (its `LoggerService`), by shape: this package does not import NestJS. */
export interface FrameworkLogger {
  log(message: unknown, ...more: unknown[]): void
  error(message: unknown, ...more: unknown[]): void
  warn(message: unknown, ...more: unknown[]): void
  debug(message: unknown, ...more: unknown[]): void
  verbose(message: unknown, ...more: unknown[]): void
  fatal(message: unknown, ...more: unknown[]): void
}

/**
 * Lets NestJS write through our logger. What the framework calls `log` is talk about itself (modules, routes), so it
 * goes to `debug`.
 */
export function nestLogger(logger: Logger): FrameworkLogger {
  const write =
    (level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...more: unknown[]): void => {
      // NestJS passes (message, …others, context), and for errors (message, stack, context).
      const context = more.at(-1)
      const fields = typeof context === 'string' ? { context } : {}
      const stack = more.length > 1 && typeof more[0] === 'string' ? { stack: more[0] } : {}
      if (message instanceof Error) logger[level]({ ...fields, err: message }, message.message)
      else logger[level]({ ...fields, ...stack }, typeof message === 'string' ? message : JSON.stringify(message))
    }
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  }
}
