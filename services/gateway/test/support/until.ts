import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition that nobody announces. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`in vain: ${what}`)
    await sleep(10)
  }
}
