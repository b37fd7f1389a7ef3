import { setTimeout as sleep } from 'node:timers/promises'
import { Bus } from '@spool/log'
import type { RunningNats } from '@spool/testing'

const ASKED_AGAIN_MS = 200
/** Where there is no leader, nobody answers. */
const ANSWERS_WITHIN_MS = 500
const WHOLE_WITHIN_MS = 30_000

/** The name of the server that leads a stream; waits while there is none. */
export async function leaderOf(natsUrl: string, stream: string): Promise<string> {
  for (;;) {
    const found = await replicasOf(natsUrl, stream)
    if (found?.leader) return found.leader
    await sleep(ASKED_AGAIN_MS)
  }
}

/**
 * Every server has what the others have. One that never gets there may be mute, as `clusterFormed` of `packages/testing`
 * has it: it is started once more.
 */
export async function untilWhole(natsUrl: string, restarted: RunningNats): Promise<void> {
  let giveUpAt = performance.now() + WHOLE_WITHIN_MS
  for (;;) {
    const found = await replicasOf(natsUrl, 'LOG')
    const isWhole = found?.leader && found.replicas?.every(({ current, offline }) => current && offline !== true)
    if (isWhole) return
    if (performance.now() > giveUpAt) {
      await restarted.restart()
      giveUpAt = performance.now() + WHOLE_WITHIN_MS
    }
    await sleep(ASKED_AGAIN_MS)
  }
}

/** null: nobody says. */
async function replicasOf(natsUrl: string, stream: string) {
  const bus = await Bus.connect({ servers: natsUrl, name: 'chaos', ackTimeoutMs: ANSWERS_WITHIN_MS })
  try {
    return (await bus.leader.streams.info(stream)).cluster ?? null
  } catch {
    return null
  } finally {
    await bus.close()
  }
}
