import { startTimeOf } from '../processes/start-time-of.ts'

/** One process, told apart from a later one that got the same id. */
export interface Identity {
  pid: number
  startedAt: string | undefined
}

export const identify = (pid: number): Identity => ({ pid, startedAt: startTimeOf(pid) })

export function isStillRunning({ pid, startedAt }: Identity): boolean {
  return startedAt !== undefined && startTimeOf(pid) === startedAt
}

export const isIdentity = (value: unknown): value is Identity =>
  typeof value === 'object' && value !== null && 'pid' in value && Number.isInteger(value.pid)
