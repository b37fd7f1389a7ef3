import type { DueWork } from './due-work.ts'

/** The orchestrator's clock may be behind Postgres': it then finds that nothing is due yet. */
const OVERDUE_AGAIN_MS = 2000
/** What has been handed on so often will not be late by seconds any more. */
const OFTEN = 30

const STANDING: ReadonlySet<DueWork['reason']> = new Set(['silent', 'queue', 'followers'])

interface Turn {
  times: number
  againAtMs: number
}

/** When what is due, and stays so, is handed on again. */
export class Turns {
  private turns = new Map<string, Turn>()

  constructor(private readonly idleMs: number) {}

  /** Those whose turn it is. `due`: all that is; what is not among it any more is forgotten. */
  of(due: readonly DueWork[], nowMs: number): DueWork[] {
    const keys = new Set(due.map(keyOf))
    for (const key of this.turns.keys()) if (!keys.has(key)) this.turns.delete(key)
    return due.filter((work) => (this.turns.get(keyOf(work))?.againAtMs ?? 0) <= nowMs)
  }

  handedOn(work: DueWork, nowMs: number): void {
    const times = (this.turns.get(keyOf(work))?.times ?? 0) + 1
    const isStanding = STANDING.has(work.reason)
    const afterMs = isStanding || times > OFTEN ? this.idleMs : Math.min(OVERDUE_AGAIN_MS, this.idleMs)
    this.turns.set(keyOf(work), { times, againAtMs: nowMs + afterMs })
  }
}

function keyOf({ tenant, session, reason, about }: DueWork): string {
  return `${reason} ${tenant}/${session} ${about}`
}
