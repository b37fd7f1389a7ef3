import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { ExitCode } from '../exit-codes.ts'
import { runCli } from '../run-cli.ts'

class Said extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

test.each([
  [['--projection', 'snapshot'], ExitCode.usage, /no projection "snapshot", but: snapshots, search, memories/],
  [['everything'], ExitCode.usage, /takes no words/],
  [[], ExitCode.unavailable, /Which Postgres\?/],
])('spool rebuild %j ends with a sentence', async (args, code, why) => {
  const [stdout, stderr] = [new Said(), new Said()]
  const streams = { stdin: process.stdin, stdout, stderr } as unknown as Parameters<typeof runCli>[3]
  const env = { SPOOL_DATA: '/nowhere' }
  expect(await runCli(['rebuild', ...args], env, new AbortController().signal, streams)).toBe(code)
  expect(stderr.text).toMatch(why)
  expect(stdout.text).toBe('')
})
