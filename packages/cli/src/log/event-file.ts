import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Keep, RawEvent } from '@spool/log'
import { failed } from '../problem.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What leaves NATS with a repair, one event per line, verbatim. Made when there is something to write into it. */
export class EventFile implements Keep {
  /** How many are in it. */
  count = 0
  private file: FileHandle | null = null

  constructor(
    readonly path: string,
    private readonly shard: number,
    private readonly onSaved: (count: number) => void,
  ) {}

  async add(events: readonly RawEvent[]): Promise<void> {
    this.file ??= await create(this.path)
    // Not `write`: on a disk that is nearly full it takes a part, and says so only by a number.
    await this.file.writeFile(events.map((event) => `${JSON.stringify(lineOf(this.shard, event))}\n`).join(''))
    this.count += events.length
    this.onSaved(events.length)
  }

  /** Safe on the disk, and its name in the folder too. */
  async close(): Promise<void> {
    if (this.file === null) return
    await this.file.sync()
    await this.file.close()
    this.file = null
    const folder = await open(dirname(this.path), 'r')
    await folder.sync().finally(() => folder.close())
  }
}

/** What people have written is in it: for nobody else to read. */
async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw failed(`What is not stored cannot be saved: ${why}. Nothing was removed; name another file with --save.`)
  }
}

function lineOf(shard: number, { seq, subject, storedAt, headers, body }: RawEvent) {
  return { shard, seq, subject, stored_at: storedAt.toISOString(), headers, ...textOrBase64(body) }
}

function textOrBase64(body: Uint8Array): { body: string } | { body_base64: string } {
  try {
    return { body: decoder.decode(body) }
  } catch {
    return { body_base64: Buffer.from(body).toString('base64') }
  }
}
