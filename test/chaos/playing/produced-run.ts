import { setTimeout as sleep } from 'node:timers/promises'
import { Spool } from '@spool/client'
import type { PlannedProducer } from './conversation-plan.ts'
import type { RunInPlay } from './run-in-play.ts'
import type { Reach } from './watcher.ts'

const PATIENCE_MS = 5_000
/** Longer than anything that is done to Spool lasts. */
const GIVE_UP_AFTER_MS = 150_000

/** A program that writes a message itself, with the SDK; each of its calls goes to another gateway. */
export async function produce(run: RunInPlay, { pieces, everyMs }: PlannedProducer, reach: Reach): Promise<void> {
  const spool = new Spool({
    url: reach.urls[0]!,
    key: reach.key,
    fetch: anyGateway(reach.urls),
    backoff: { firstMs: 50, maxMs: 500 },
    giveUpAfterMs: GIVE_UP_AFTER_MS,
  })
  try {
    const response = await spool.session(run.session).beginStreamingResponse('theirs', { idempotencyKey: run.key })
    run.started(response.run!)
    for (const piece of pieces) {
      await response.appendStreamingChunk(piece)
      await sleep(everyMs)
    }
    await response.finalizeStreamingResponse('stop', { input_tokens: 1, output_tokens: pieces.length })
  } catch (error) {
    run.faults.push(`${run.key}: its producer gave up: ${String(error)}`)
  }
}

/** Who is frozen does not answer. */
function anyGateway(urls: readonly string[]): typeof fetch {
  let turn = 0
  return (input, init) => {
    const url = (input as string).replace(urls[0]!, urls[turn++ % urls.length]!)
    return fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
  }
}
