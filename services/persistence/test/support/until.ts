import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition. What it throws counts as "not yet". */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const giveUpAtMs = Date.now() + limitMs
  let last: unknown
  while (Date.now() < giveUpAtMs) {
    try {
      if (await holds()) return
      last = undefined
    } catch (error) {
      last = error
    }
    await sleep(15)
  }
  throw new Error(`Not within ${limitMs / 1000} s: ${what}`, { cause: last })
}
