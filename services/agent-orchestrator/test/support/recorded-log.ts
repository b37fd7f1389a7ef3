import { createLogger, type Logger } from '@spool/telemetry'

export interface RecordedLog {
  readonly logger: Logger
  /** Every line, as it would be written. */
  readonly text: () => string
  readonly lines: () => { level: string; msg: string; [field: string]: unknown }[]
}

export function recordedLog(level = 'debug'): RecordedLog {
  let text = ''
  const output = { write: (line: string) => void (text += line) }
  return {
    logger: createLogger({ service: 'test', instance: 'test', level, output }),
    text: () => text,
    lines: () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])),
  }
}
