import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition; says what it waited for when it does not come. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 20_000,
  everyMs = 5,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${limitMs} ms: ${what}`)
    await sleep(everyMs)
  }
}
