import type { Random } from '../random.ts'
import type { Habit } from './sse-follower.ts'

/** Hangs up after a while, or after so many bytes, be it in the middle of a frame. */
export function cutting(random: Random): Habit {
  // Who never got a whole frame would never come to the end.
  let mostBytes = 60_000
  return (connection) => {
    let timer: NodeJS.Timeout | undefined
    const isCutByBytes = random.next() < 0.5
    if (isCutByBytes) connection.mostBytes = Math.round(mostBytes ** random.between(0.3, 1))
    else timer = setTimeout(() => connection.cut(), random.between(5, 3000))
    return () => {
      clearTimeout(timer)
      if (isCutByBytes && connection.isFull && connection.frames === 0) mostBytes *= 2
    }
  }
}
