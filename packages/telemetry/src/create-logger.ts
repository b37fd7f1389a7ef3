import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { trace } from '@opentelemetry/api'
import { destination, multistream, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import { hideSecrets, secretPaths } from './secrets.ts'

export type { Logger }

export interface LoggerOptions {
  service: string
  instance: string
  level?: string
  /** Lines are appended to this file as well. */
  file?: string
  /** Where lines go; standard output unless a test wants to read them. */
  output?: DestinationStream
}

/**
 * JSON lines: `time` (ISO), `level` (as a word), `service`, `instance`, `msg`, and the trace a line belongs to.
 * Lines are written synchronously, so the last ones before a crash are there.
 */
export function createLogger({ service, instance, level = 'info', file, output }: LoggerOptions): Logger {
  const standardOutput = output ?? destination({ dest: 1, sync: true })
  return pino(
    {
      level,
      base: { service, instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '[hidden]' },
      serializers: { err: (error: unknown) => describeError(error) },
      mixin: currentTrace,
      hooks: {
        logMethod(args, method) {
          const clean = args.map((arg: unknown) => (typeof arg === 'string' ? hideSecrets(arg) : arg))
          method.apply(this, clean as typeof args)
        },
      },
    },
    // The level is decided above; 0 lets each stream have whatever passed there.
    file
      ? multistream([
          { level: 0, stream: standardOutput },
          { level: 0, stream: appendTo(file) },
        ])
      : standardOutput,
  )
}

function appendTo(file: string): DestinationStream {
  mkdirSync(dirname(file), { recursive: true })
  return destination({ dest: file, append: true, sync: true })
}

function currentTrace(): object {
  const span = trace.getActiveSpan()?.spanContext()
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
}

interface ErrorDescription {
  type: string
  code?: unknown
  message: string
  stack?: string
  cause?: ErrorDescription
}

/** An error may be its own cause. */
const MAX_CAUSES = 8

function describeError(error: unknown, causes = MAX_CAUSES): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: hideSecrets(String(error)) }
  return {
    type: error.name,
    ...('code' in error && { code: typeof error.code === 'string' ? hideSecrets(error.code) : error.code }),
    message: hideSecrets(error.message),
    ...(error.stack && { stack: hideSecrets(error.stack) }),
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  }
}
