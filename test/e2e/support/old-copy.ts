import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { RunningNats } from '@spool/testing'

const run = promisify(execFile)

/** A copy of the NATS data folder, as of a disk that is put back later: with its owner, who is not who runs the test. */
export class OldCopy {
  private readonly folder: string

  constructor(private readonly nats: RunningNats) {
    this.folder = `${nats.dataFolder}-old`
  }

  /** Ends the server as a power cut does, and starts it again. */
  async take(): Promise<void> {
    await this.nats.kill('SIGKILL')
    await run('cp', ['-a', this.nats.dataFolder, this.folder])
    await this.nats.restart()
  }

  /** `meanwhile`: while there is no server. */
  async putBack(meanwhile: () => void): Promise<void> {
    await this.nats.kill('SIGKILL')
    meanwhile()
    await rm(this.nats.dataFolder, { recursive: true })
    await run('cp', ['-a', this.folder, this.nats.dataFolder])
    await this.nats.restart()
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}
