import type { JudgedFault, JudgedPlay, JudgedSystem } from './judged.ts'
import type { Recovery } from './recovery.ts'

export interface Verdicts {
  /** What is not as it must be, in words; empty: all is. */
  readonly faults: readonly string[]
  readonly sessions: number
  readonly events: number
  /** Events and frames that clients saw, by kind of client. */
  readonly seen: Readonly<Record<string, number>>
  /** Runs by plot and end, calls by tool and end, memories by status. */
  readonly ends: Readonly<Record<string, number>>
  readonly calls: Readonly<Record<string, number>>
  readonly memories: Readonly<Record<string, number>>
  /** From a fault to the next token, by kind of fault, and of all of them as `all`. */
  readonly recovery: Readonly<Record<string, Recovery>>
  /** Also those that ended, and why a message was left partial. */
  readonly partials: Readonly<Record<string, number>>
}

/** Compares what everybody saw with what lies everywhere. Nothing may go on meanwhile. */
export async function judgeAll(
  system: JudgedSystem,
  playing: JudgedPlay,
  faults: readonly JudgedFault[],
): Promise<Verdicts> {
  void [system, playing, faults]
  throw new Error('not there yet')
}
