import { setTimeout as sleep } from 'node:timers/promises'
import { Bus, QUEUE_STREAMS } from '@spool/log'

/** Where all is over nobody waits for anything any more; what was done last may still be acknowledged. */
export async function leftInQueues(natsUrl: string, withinMs = 20_000): Promise<string[]> {
  const bus = await Bus.connect({ servers: natsUrl, name: 'chaos' })
  try {
    const giveUpAt = performance.now() + withinMs
    for (;;) {
      const left: string[] = []
      for (const stream of QUEUE_STREAMS) {
        const { state } = await bus.jsm.streams.info(stream, { subjects_filter: '>' })
        left.push(...Object.keys(state.subjects ?? {}))
      }
      if (left.length === 0) return []
      if (performance.now() > giveUpAt) return left.map((subject) => `left in its queue: ${subject}`)
      await sleep(200)
    }
  } finally {
    await bus.close()
  }
}
