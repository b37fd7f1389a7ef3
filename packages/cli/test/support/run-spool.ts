import { Readable, Writable } from 'node:stream'
import { runCli } from '../../src/index.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Of `--json`: what was said, line by line. */
  readonly documents: Record<string, unknown>[]
}

/** `spool …` in this process. `typed`: by a person at a terminal. */
export function spoolWith(env: Record<string, string>, { typed }: { typed?: string } = {}) {
  return async (...args: string[]): Promise<Said> => {
    const stdout = new Remembering()
    const stderr = new Remembering()
    const stdin = Object.assign(Readable.from(typed === undefined ? [] : [typed]), { isTTY: typed !== undefined })
    const streams = { stdin, stdout, stderr } as unknown as Parameters<typeof runCli>[3]
    const code = await runCli(args, env, new AbortController().signal, streams)
    const lines = args.includes('--json') ? stdout.text.trim().split('\n').filter(Boolean) : []
    const documents = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    return { code, stdout: stdout.text, stderr: stderr.text, documents }
  }
}

class Remembering extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
