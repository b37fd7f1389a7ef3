import { constants, type Stats } from 'node:fs'
import { type FileHandle, chmod, lstat, mkdir, open, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
/** Of Linux; Node does not name it. Opens what nobody may read, to change that. */
const O_PATH = 0o10000000

/** As bytes where it may be no UTF-8: a command can call its files what it likes. */
export type Name = string | Buffer

/**
 * An open folder, whose entries are reached from itself: on Linux through `/proc/self/fd/<n>/<name>`, which is what
 * openat(2) does. So whatever others rename or link meanwhile on the way to it, a name of one component leads to what
 * lies in this folder, and as no symbolic link is followed, nowhere else. Elsewhere the path stands for the folder:
 * there nothing but this service writes below it, as the shell needs Linux.
 */
export class Folder {
  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
  ) {}

  /** By a path that the operator chose: links on the way are theirs. */
  static async at(path: string): Promise<Folder> {
    return new Folder(await open(path, O_RDONLY | O_DIRECTORY), path)
  }

  async folder(name: Name): Promise<Folder> {
    return new Folder(await open(this.to(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), join(this.path, String(name)))
  }

  /** Made where it is not there; belongs to `owner` afterwards. */
  async madeFolder(name: string, owner?: Owner): Promise<Folder> {
    await mkdir(this.to(name), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const folder = await this.folder(name)
    try {
      if (owner !== undefined && (await folder.handle.stat()).uid !== owner.uid) {
        await folder.handle.chown(owner.uid, owner.gid)
      }
      return folder
    } catch (error) {
      await folder.close()
      throw error
    }
  }

  /** Never waits, as opening a FIFO would. */
  openFile(name: string, flags: number, mode?: number): Promise<FileHandle> {
    return open(this.to(name), flags | O_NOFOLLOW | O_NONBLOCK, mode)
  }

  stat(name: Name): Promise<Stats> {
    return lstat(this.to(name))
  }

  /** Replaces what has the name, also where that is a link. */
  rename(from: string, to: string): Promise<void> {
    return rename(this.to(from), this.to(to))
  }

  remove(name: Name): Promise<void> {
    return unlink(this.to(name))
  }

  /** Only an empty one. */
  removeFolder(name: Name): Promise<void> {
    return rmdir(this.to(name))
  }

  move(name: Name, into: Folder, as: string): Promise<void> {
    return rename(this.to(name), into.to(as))
  }

  /** All rights to a folder for its owner, whatever a command has left of them. */
  async unlock(name: Name): Promise<void> {
    // Elsewhere there are no commands.
    if (!onLinux) return
    const handle = await open(this.to(name), O_PATH | O_DIRECTORY | O_NOFOLLOW)
    try {
      await chmod(`/proc/self/fd/${handle.fd}`, 0o700)
    } finally {
      await handle.close()
    }
  }

  /** Byte by byte: one that is no text would not be found again by the text made of it. */
  async *names(): AsyncGenerator<Buffer> {
    for await (const { name } of await opendir(this.to('.'), { encoding: 'latin1' })) yield Buffer.from(name, 'latin1')
  }

  /** A path to it for other processes, as long as it is open here. */
  get outsidePath(): string {
    return onLinux ? `/proc/${process.pid}/fd/${this.handle.fd}` : this.path
  }

  close(): Promise<void> {
    return this.handle.close()
  }

  private to(name: Name): Name {
    if (!onLinux) return join(this.path, String(name))
    const here = `/proc/self/fd/${this.handle.fd}/`
    return typeof name === 'string' ? here + name : Buffer.concat([Buffer.from(here), name])
  }
}

export async function closing<T>(folder: Folder, act: (folder: Folder) => Promise<T>): Promise<T> {
  try {
    return await act(folder)
  } finally {
    await folder.close()
  }
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

const onLinux = process.platform === 'linux'
