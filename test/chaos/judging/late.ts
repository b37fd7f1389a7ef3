import { setTimeout as sleep } from 'node:timers/promises'

interface Ending {
  /** What is not over, in words. */
  readonly standing: readonly string[]
  stop(): Promise<void>
}

interface Deadline {
  readonly lastFaultAt: number
  readonly endWithinMs: number
  /** Past its time nothing is well any more, but it is worth knowing whether it ends at all. */
  readonly longestMs: number
  readonly say: (line: string) => void
}

/** Whatever was not over in time after the last fault. */
export async function late(playing: Ending, { lastFaultAt, endWithinMs, longestMs, say }: Deadline): Promise<string[]> {
  const untilMs = (ms: number) => sleep(Math.max(0, lastFaultAt + ms - performance.now()), undefined, { ref: false })
  const ended = playing.stop()
  await Promise.race([ended, untilMs(endWithinMs)])
  const open = [...playing.standing]
  for (const one of open) say(`late: ${one}`)
  if (open.length > 0) await Promise.race([ended, untilMs(Math.max(longestMs, endWithinMs))])
  return open.map((one) => `not over ${endWithinMs} ms after the last fault: ${one}`)
}
