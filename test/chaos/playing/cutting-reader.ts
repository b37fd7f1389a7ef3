import type { Random } from '../random.ts'
import type { Habit } from './sse-follower.ts'

/** Hangs up after a while, or after so many bytes, be it in the middle of a frame. */
export function cutting(random: Random): Habit {
  // Who never got a whole frame would never come to the end.
  let patience = 1
  return (connection) => {
    let timer: NodeJS.Timeout | undefined
    if (random.next() < 0.5) connection.mostBytes = Math.round(patience * Math.exp(random.between(3, 9.5)))
    else timer = setTimeout(() => connection.cut(), patience * random.between(5, 3000))
    return () => {
      clearTimeout(timer)
      patience = connection.frames === 0 ? patience * 2 : 1
    }
  }
}
