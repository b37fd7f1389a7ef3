import { parseLogLine } from './log-line.ts'
import { curlLine, type Output } from './output.ts'

/** One JSON object per line, for machines. */
export function jsonOutput(stream: { write(text: string): unknown }): Output {
  const print = (level: string, msg: string, more: object = {}) =>
    void stream.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, service: 'launcher', msg, ...more })}\n`,
    )
  return {
    say: (line) => print('info', line),
    done: (what, durationMs) => print('info', what, { durationMs: Math.round(durationMs) }),
    warn: (line) => print('warn', line),
    fail: (message) => print('error', message),
    line(process, line) {
      if (parseLogLine(line)) stream.write(`${line}\n`)
      else print('warn', line, { instance: process })
    },
    ready: (facts) => print('info', 'ready', { ...facts, try: curlLine(facts) }),
  }
}
