import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosSystem } from '../chaos-system.ts'
import { cut, refuse } from './cut.ts'
import { delay } from './delay.ts'
import type { Fault, FaultKind, Harm, PlannedFault } from './fault.ts'
import { freeze } from './freeze.ts'
import { garble } from './garble.ts'
import { killLeader, killNode } from './kill-node.ts'
import { killServer } from './kill-server.ts'
import { kill, terminate } from './kill.ts'
import { stall } from './stall.ts'

const HARMS: Record<FaultKind, Harm> = {
  kill,
  terminate,
  freeze,
  'nats killed': killServer,
  'postgres killed': killServer,
  'node killed': killNode,
  'leader killed': killLeader,
  'bus cut': cut,
  'bus refused': refuse,
  'bus stalled': stall,
  'bus delayed': delay,
  'database cut': cut,
  'database refused': refuse,
  'database stalled': stall,
  'database delayed': delay,
  'provider cut': cut,
  'provider refused': refuse,
  'provider stalled': stall,
  'provider garbage': garble,
}

/** Carries a plan out. */
export class Faulter {
  /** Those that were begun, as far as they are over. */
  readonly faults: Fault[] = []
  private readonly stopping = new AbortController()
  private readonly done: Promise<unknown>

  constructor(system: ChaosSystem, plan: readonly PlannedFault[]) {
    this.done = Promise.all(plan.map((fault) => this.carryOut(system, fault)))
  }

  /** Resolves when the whole plan is done, and undone. Rejects where something could not be undone. */
  async untilDone(): Promise<void> {
    await this.done
  }

  /** Begins nothing more, and undoes at once what goes on. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.done
  }

  private async carryOut(system: ChaosSystem, planned: PlannedFault): Promise<void> {
    const { signal } = this.stopping
    const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)
    await wait(planned.atMs)
    if (signal.aborted) return
    let at = performance.now()
    await HARMS[planned.kind](system, planned, wait, () => {
      at = performance.now()
    })
    this.faults.push({ kind: planned.kind, target: planned.targets.join(' + '), at, overAt: performance.now() })
  }
}
