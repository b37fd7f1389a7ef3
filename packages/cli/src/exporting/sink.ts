import { open, type FileHandle, rename, rm } from 'node:fs/promises'
import { newId } from '@spool/events'
import { failed } from '../problem.ts'

export interface Sink {
  /** Resolves when more may be written. */
  write(text: string): Promise<void>
}

const BUFFERED = 256 * 1024

/** A file that has its name only once it is whole. */
export class FileSink implements Sink {
  private held: string[] = []
  private heldLength = 0

  private constructor(
    private readonly file: string,
    private readonly part: string,
    private readonly handle: FileHandle,
  ) {}

  static async open(file: string): Promise<FileSink> {
    // Of its own: another export of the same name may be under way.
    const part = `${file}.${newId()}.part`
    try {
      // What people have written is in it: for nobody else to read, and not where somebody else has put a link.
      return new FileSink(file, part, await open(part, 'wx', 0o600))
    } catch (error) {
      throw failed(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }

  async write(text: string): Promise<void> {
    this.held.push(text)
    this.heldLength += text.length
    if (this.heldLength > BUFFERED) await this.flush()
  }

  /** Under its own name, or beside what has that name. */
  async finish(file = this.file): Promise<void> {
    await this.flush()
    await this.handle.sync()
    await this.handle.close()
    await rename(this.part, file)
  }

  async abandon(): Promise<void> {
    await this.handle.close()
    await rm(this.part, { force: true })
  }

  private async flush(): Promise<void> {
    const text = this.held.join('')
    this.held = []
    this.heldLength = 0
    await this.handle.writeFile(text)
  }
}
