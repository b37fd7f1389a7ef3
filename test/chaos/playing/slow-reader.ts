import type { Random } from '../random.ts'
import type { Habit } from './sse-follower.ts'

/** Reads for a moment, then nothing for seconds. Never for so long that it would take its own silence for the server's. */
export function slowly(random: Random, silentMs: number): Habit {
  const longestMs = Math.min(6000, silentMs / 3)
  return (connection) => {
    let timer: NodeJS.Timeout
    const read = () => {
      const holdMs = random.between(longestMs / 6, longestMs)
      connection.hold(holdMs)
      timer = setTimeout(read, holdMs + random.between(20, 400))
    }
    timer = setTimeout(read, random.between(0, 400))
    return () => clearTimeout(timer)
  }
}
