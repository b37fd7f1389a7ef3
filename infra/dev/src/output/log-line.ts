/** A line of a service's log, as pino writes them. */
export interface LogLine {
  time: Date
  level: string
  message: string
  /** What an error said of itself. */
  error: string | undefined
  /** What else the line says, `status=503 url=/readyz`. */
  facts: string
}

const levelNames: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

const saidElsewhere = new Set(['service', 'instance', 'trace_id', 'span_id'])

/** Undefined for a line that is not one of a log, such as what Node says when a process falls. */
export function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { time, level, msg, err, ...more } = JSON.parse(line)
    if (typeof msg !== 'string' && err === undefined) return undefined
    const date = new Date(time)
    return {
      time: Number.isNaN(date.getTime()) ? new Date() : date,
      level: levelNames[level] ?? String(level ?? 'info'),
      message: msg ?? '',
      facts: Object.entries(more)
        .filter(([name, value]) => !saidElsewhere.has(name) && ['string', 'number', 'boolean'].includes(typeof value))
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      error: typeof err?.message === 'string' && err.message !== msg ? err.message : undefined,
    }
  } catch {
    return undefined
  }
}
