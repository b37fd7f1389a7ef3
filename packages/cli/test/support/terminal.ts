import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { runCli } from '../../src/index.ts'

export const ENTER = '\r'
export const CTRL_C = '\u0003'
export const CTRL_D = '\u0004'

export interface AtTerminal {
  /** All that was shown so far, without colours. */
  shown(): string
  type(keys: string): void
  /** Until something is shown that was not there when this was asked. */
  sees(what: string | RegExp): Promise<void>
  /** The exit code. */
  readonly ended: Promise<number>
}

/** `spool …` as somebody sees it who sits at a terminal. */
export function atTerminal(env: Record<string, string>, ...args: string[]): AtTerminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
  let text = ''
  let seenTo = 0
  screen.on('data', (piece: Buffer) => (text += piece.toString()))
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const streams = { stdin, stdout: screen, stderr: screen } as unknown as Parameters<typeof runCli>[3]
  const shown = () => stripVTControlCharacters(text)
  return {
    shown,
    type: (keys) => void stdin.write(keys),
    async sees(what) {
      for (;;) {
        const rest = shown().slice(seenTo)
        const found = typeof what === 'string' ? rest.indexOf(what) : rest.search(what)
        if (found >= 0) {
          seenTo += found + 1
          return
        }
        const news = new Promise((resolve) => screen.once('data', resolve))
        const patience = new Promise((_resolve, reject) => {
          setTimeout(() => reject(new Error(`${what} was not shown:\n${shown()}`)), 20_000).unref()
        })
        await Promise.race([news, patience])
      }
    },
    ended: runCli(args, env, leaving.signal, streams),
  }
}
