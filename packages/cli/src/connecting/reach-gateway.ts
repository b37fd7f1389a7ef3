import { setTimeout as pause } from 'node:timers/promises'
import { unavailable } from '../problem.ts'

const TRY_AGAIN_MS = 200

/**
 * Resolves once a gateway has answered. The client would go on trying for ever, or nearly: right in the middle of a
 * conversation, and wrong for somebody who has given the wrong address.
 */
export async function reachGateway(url: string, connectMs: number, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(connectMs)
  const stop = AbortSignal.any([late, signal])
  let cause: unknown
  for (;;) {
    try {
      const { body, status } = await fetch(`${url.replace(/\/+$/, '')}/healthz`, { signal: stop })
      await body?.cancel()
      // What stands before a gateway answers for one that is away.
      if (status < 500) return
      cause = new Error(`It answered ${status}`)
    } catch (error) {
      cause = error
    }
    await pause(TRY_AGAIN_MS, undefined, { signal: stop }).catch(() => undefined)
    signal.throwIfAborted()
    if (late.aborted) {
      throw unavailable(
        `No gateway answers at ${url}. Nothing was done. Start it (\`npm start\` in the checkout), or set SPOOL_URL to one that runs.`,
        cause,
      )
    }
  }
}
