import type { JudgedFault } from './judged.ts'

/** Something that was done to the system, by the clock that events are dated by (ms of the Unix clock). */
export interface Disturbance {
  readonly kind: string
  /** What it was done to: copies of services, their wires, servers. */
  readonly targets: readonly string[]
  readonly from: number
  readonly to: number
}

export function disturbanceOf({ kind, target, at, overAt }: JudgedFault): Disturbance {
  const [from, to] = [performance.timeOrigin + at, performance.timeOrigin + overAt]
  return { kind, targets: target.split(' + '), from, to }
}

/** How far two readings of the clock may be apart, and who was hurt need not know it at once. */
const SLACK_MS = 500

interface Window {
  readonly from: string | null
  readonly to: string | null
}

/** Whether a failure has somebody to blame: something like that went on meanwhile. */
export function isBlamed(
  disturbances: readonly Disturbance[],
  { from, to }: Window,
  isLike: (disturbance: Disturbance) => boolean = () => true,
): boolean {
  const [begun, ended] = [Date.parse(from ?? ''), Date.parse(to ?? '')]
  return disturbances.some((one) => one.from < ended + SLACK_MS && one.to > begun - SLACK_MS && isLike(one))
}

/** It was done to a copy of that service, to one of its wires to NATS, or to NATS itself. */
export const hurts =
  (service: string) =>
  ({ targets }: Disturbance): boolean =>
    targets.some((target) => {
      if (target.startsWith(`${service}-`)) return !target.endsWith(' postgres')
      return target === 'nats' || target === 'leader' || target.startsWith('node-')
    })

export const isOfProvider = ({ kind }: Disturbance): boolean => kind.startsWith('provider ')
