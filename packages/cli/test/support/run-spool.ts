import { Readable, Writable } from 'node:stream'
import { runCli } from '../../src/index.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Of `--json`: what was said, line by line. */
  readonly documents: unknown[]
}

/** `spool …` in this process, on what a test runs. */
export function spoolOn(spool: { readonly dataFolder: string }, stdin = '') {
  return async (...args: string[]): Promise<Said> => {
    const stdout = new Remembering()
    const stderr = new Remembering()
    const streams = { stdin: Readable.from([stdin]), stdout, stderr } as unknown as Parameters<typeof runCli>[3]
    const code = await runCli(args, { SPOOL_DATA: spool.dataFolder }, new AbortController().signal, streams)
    const lines = args.includes('--json') ? stdout.text.trim().split('\n').filter(Boolean) : []
    return { code, stdout: stdout.text, stderr: stderr.text, documents: lines.map((line): unknown => JSON.parse(line)) }
  }
}

class Remembering extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
