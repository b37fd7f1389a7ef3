import { setImmediate as nextTurn } from 'node:timers/promises'

const turnMs = 8

/**
 * Says when item 0, 1, 2 … is due: item `i` at start + i/rate, reckoned from the start each time, so that late timers do
 * not add up. With rate 0 all are due at once, but the event loop gets its turn every few milliseconds.
 */
export function pace(perSecond: number, signal: AbortSignal): (index: number) => Promise<void> {
  const wait = waiter(signal)
  const start = performance.now()
  let turnEnds = start + turnMs
  return async (index) => {
    const now = performance.now()
    const dueIn = perSecond > 0 ? start + (index * 1000) / perSecond - now : 0
    if (dueIn > 0.5) await wait(Math.round(dueIn))
    else if (now >= turnEnds) await nextTurn(undefined, { signal })
    else return
    turnEnds = performance.now() + turnMs
  }
}

/** Waits, one time after the other. One listener for all of them: to add and remove one each time costs as much as the rest. */
function waiter(signal: AbortSignal): (ms: number) => Promise<void> {
  let end: (() => void) | undefined
  signal.addEventListener('abort', () => end?.(), { once: true })
  return (ms) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const timer = setTimeout(resolve, ms)
      end = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
    })
}
