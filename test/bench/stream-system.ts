import type { Target } from './load/load-commands.ts'

/** A running system that streams tokens to clients: Spool, or what is beside it. */
export interface StreamSystem {
  readonly name: string
  /** What was chosen for it here, in words. */
  readonly set?: string
  readonly target: Target
  /** The process ids of each group of processes, by what it is. */
  readonly processes: Readonly<Record<string, readonly number[]>>
  stop(): Promise<void>
}
