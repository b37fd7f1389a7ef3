import { createWriteStream } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../command.ts'
import { failed } from '../problem.ts'

/** A file that can be read more than once: what comes from standard input is kept in one for as long. */
export async function withFile<Result>(
  name: string,
  { stdin, signal }: Context,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  if (name !== '-') {
    await access(name).catch((error: unknown) => {
      throw failed(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error)
    })
    return use(name)
  }
  const folder = await mkdtemp(join(tmpdir(), 'spool-import-'))
  try {
    const file = join(folder, 'export.jsonl')
    await pipeline(stdin, createWriteStream(file), { signal })
    return await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
