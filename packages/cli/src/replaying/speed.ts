import { usageProblem } from '../problem.ts'

/** How often faster than recorded; `Infinity`: without waiting. */
export function speedOf(text: string): number {
  if (text === 'max') return Infinity
  const times = /^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]
  if (times === undefined || Number(times) === 0) {
    throw usageProblem('--speed takes 1x (as it was), 10x, any other number of times, such as 0.5x, or max.')
  }
  return Number(times)
}
