import { setTimeout as delay } from 'node:timers/promises'
import { LaunchProblem } from './launch-problem.ts'

const askEveryMs = 100
const answerWithinMs = 2_000

/** Resolves when every gateway says that all of Spool can be used. */
export async function waitUntilReady(urls: readonly string[], limitMs: number): Promise<void> {
  const giveUpAt = Date.now() + limitMs
  await Promise.all(urls.map((url) => untilReady(`${url}/readyz`, giveUpAt, limitMs)))
}

async function untilReady(address: string, giveUpAt: number, limitMs: number): Promise<void> {
  while (true) {
    const answer = await ask(address)
    if (answer === 'ready') return
    if (Date.now() > giveUpAt) {
      throw new LaunchProblem(`Not ready after ${limitMs / 1000} s. The last answer of ${address}: ${answer}`)
    }
    await delay(askEveryMs)
  }
}

async function ask(address: string): Promise<string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(answerWithinMs) })
    const text = await response.text()
    return response.ok ? 'ready' : `${response.status} ${text}`
  } catch (error) {
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  }
}
