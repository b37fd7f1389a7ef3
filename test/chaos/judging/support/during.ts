import type { Disturbance } from '../blame.ts'

export function during(kind: string, target: string, at: string, seconds: number): Disturbance {
  const from = Date.parse(at)
  return { kind, targets: target.split(' + '), from, to: from + seconds * 1000 }
}
