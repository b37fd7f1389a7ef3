import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Target } from './target.ts'

const root = new URL('../../../', import.meta.url).pathname

export const hasPython = spawnSync('python3', ['--version']).status === 0

/** What a client prints that people copy from docs/examples/dialects; it is told where Spool is, and no more. */
export async function runExample(target: Target, file: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    file.endsWith('.py') ? 'python3' : process.execPath,
    [`${root}docs/examples/dialects/${file}`, ...args],
    { env: { PATH: process.env['PATH'], SPOOL_URL: target.url, SPOOL_KEY: target.key, PYTHONIOENCODING: 'utf-8' } },
  )
  return stdout
}
