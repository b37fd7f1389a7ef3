import { newId } from '@spool/events'
import type { ChainWriter } from '@spool/log'

/** Something like the text of an answer, so that an event has the size that they have. */
const TEXT = 'and some words of what a model says, '.repeat(3)

/** Appends events at a rate, each with the time when it was made. The appends of one session follow one another. */
export class Ticking {
  made = 0
  position = 0
  private over = false
  private readonly writer: ChainWriter
  private readonly perSecond: number
  private readonly done: Promise<void>

  constructor(writer: ChainWriter, perSecond: number) {
    this.writer = writer
    this.perSecond = perSecond
    this.done = this.run()
  }

  /** Resolves when the last one is stored. */
  async stop(): Promise<void> {
    this.over = true
    await this.done
  }

  private async run(): Promise<void> {
    const startedAt = performance.now()
    while (!this.over) {
      const dueMs = (this.made / this.perSecond) * 1000 - (performance.now() - startedAt)
      if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs))
      await tick(this.writer)
      this.made++
      this.position = this.writer.position
    }
  }
}

export async function tick(writer: ChainWriter): Promise<void> {
  const made = (performance.timeOrigin + performance.now()).toFixed(3)
  const body = `{"v":1,"type":"custom.tick","at":"${new Date().toISOString()}","text":"${TEXT}","made":${made}}`
  await writer.append({ id: newId(), type: 'custom.tick', body: new TextEncoder().encode(body) })
}
