import type { Direction } from '@spool/testing'
import type { ChaosSystem } from '../chaos-system.ts'

type OnWire = 'cut' | 'refused' | 'stalled' | 'delayed'

/** The bus and the database: the wires between copies of services and NATS or Postgres. */
export type FaultKind =
  | 'kill'
  | 'terminate'
  | 'freeze'
  | 'nats killed'
  | 'postgres killed'
  | 'node killed'
  | 'leader killed'
  | `${'bus' | 'database'} ${OnWire}`
  | `provider ${Exclude<OnWire, 'delayed'> | 'garbage'}`

/** Something that is to be done to the system, so long after its beginning and for so long. */
export interface PlannedFault {
  readonly kind: FaultKind
  /** Copies (`gateway-1`), wires (`gateway-1 nats`, `provider`), servers (`nats`, `node-2`, `leader`). */
  readonly targets: readonly string[]
  readonly atMs: number
  readonly forMs: number
  /** What is stalled. */
  readonly direction?: Direction | 'both'
  /** What is delayed comes so much later. */
  readonly lateMs?: number
}

/** What was done to it; in ms of the monotonic clock. */
export interface Fault {
  readonly kind: FaultKind
  readonly target: string
  readonly at: number
  /** What was harmed is there again; who depends on it may need a while longer. */
  readonly overAt: number
}

/** Does it, and undoes it. `wait` comes back early where no time is left; `begins` says that it is done now, not at once. */
export type Harm = (
  system: ChaosSystem,
  fault: PlannedFault,
  wait: (ms: number) => Promise<void>,
  begins: () => void,
) => Promise<void>
