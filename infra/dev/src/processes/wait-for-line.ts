import type { Child } from './child.ts'
import { ServerDidNotStart } from './server-did-not-start.ts'

/** Resolves when the program writes a line that matches; ends the program if it does not in time. */
export async function waitForLine(
  name: string,
  child: Child,
  pattern: RegExp,
  { limitMs = 20_000, signal }: { limitMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const listening = Promise.withResolvers<'ready'>()
  const stopListening = child.onLine((line) => pattern.test(line) && listening.resolve('ready'))
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), limitMs)
  const giveUp = () => child.signal('SIGKILL')
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  const outcome = await Promise.race([listening.promise, late.promise, child.exited])
  signal?.removeEventListener('abort', giveUp)
  stopListening()
  clearTimeout(timer)
  if (outcome === 'ready') return
  if (outcome !== 'late')
    throw new ServerDidNotStart(name, child, `ended at once (${outcome.signal ?? `code ${outcome.code}`})`)
  await child.end('SIGKILL')
  throw new ServerDidNotStart(name, child, `was not ready within ${limitMs / 1000} s`)
}
