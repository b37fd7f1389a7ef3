import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { parseLogLine } from './log-line.ts'
import { curlLine, type Output } from './output.ts'

type Style = Parameters<typeof styleText>[0]

const levelStyles: Record<string, Style> = { warn: 'yellow', error: 'red', fatal: 'red', debug: 'dim', trace: 'dim' }

/** Lines for the person in front of the terminal. */
export function readableOutput(stream: Pick<WriteStream, 'write'> & { isTTY?: boolean }): Output {
  const style = (how: Style, text: string) => (stream.isTTY ? styleText(how, text, { validateStream: false }) : text)
  const print = (text: string) => void stream.write(`${text}\n`)
  return {
    say: (line) => print(style('dim', `    ${line}`)),
    done: (what, durationMs) => print(`  ${style('green', '✓')} ${what.padEnd(52)} ${seconds(durationMs)}`),
    warn: (line) => print(`  ${style('yellow', '!')} ${line}`),
    fail: (message) => print(`  ${style('red', '✗')} ${message.replaceAll('\n', '\n    ')}`),
    line(process, line) {
      const entry = parseLogLine(line)
      if (entry === undefined) return print(`${clock(new Date())} ${process} ${line}`)
      const level = style(levelStyles[entry.level] ?? 'reset', entry.level)
      const facts = entry.facts && style('dim', ` ${entry.facts}`)
      print(`${clock(entry.time)} ${process} ${level} ${entry.message}${entry.error ? `: ${entry.error}` : ''}${facts}`)
    },
    ready: (facts) =>
      print(
        [
          '',
          `  ${style('bold', 'Spool is ready')} (${seconds(facts.durationMs)}). Ctrl-C stops it.`,
          '',
          `  URL      ${facts.url}`,
          `  API key  ${facts.key}`,
          `  Models   ${facts.models}`,
          `  Data     ${facts.dataFolder}`,
          ...(facts.serversFolder ? [`           NATS and Postgres: ${facts.serversFolder}`] : []),
          '',
          '  Try it, in a second terminal:',
          '',
          `  ${curlLine(facts)}`,
          '',
        ].join('\n'),
      ),
  }
}

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(1)} s`

/** `12:00:00.123`, in the time zone of whoever reads it. */
function clock(time: Date): string {
  const utcAsLocal = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return utcAsLocal.toISOString().slice(11, 23)
}
