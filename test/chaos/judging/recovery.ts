import type { ClientLog } from '../client-log.ts'
import type { JudgedFault } from './judged.ts'

/** In ms; `null`: there was nobody who waited for a token. */
export interface Recovery {
  readonly count: number
  readonly p50: number | null
  readonly p99: number | null
  readonly most: number | null
}

/** From a fault to the next token, for each client that was being told an answer when it came. */
export function recoveries(_faults: readonly JudgedFault[], _logs: readonly ClientLog[]): Record<string, Recovery> {
  return {}
}
