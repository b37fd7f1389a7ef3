import { newId } from '@spool/events'
import type { ChainWriter } from '@spool/log'
import { bodyOf } from './tick-body.ts'

/** Appends events at a rate, each with the time when it was due. The appends of one session follow one another. */
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
      const dueMs = ((this.made + 1) / this.perSecond) * 1000
      const restMs = dueMs - (performance.now() - startedAt)
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
      // Where an append waited for the one before it, that is in its lateness.
      await tick(this.writer, performance.timeOrigin + startedAt + dueMs)
      this.made++
      this.position = this.writer.position
    }
  }
}

export async function tick(writer: ChainWriter, atMs = performance.timeOrigin + performance.now()): Promise<void> {
  await writer.append({ id: newId(), type: 'custom.tick', body: new TextEncoder().encode(bodyOf(atMs)) })
}
