import { setTimeout as pause } from 'node:timers/promises'
import { Inject, Injectable } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import type { Queries, SessionRef } from '@spool/log'
import type { Caller } from '../admitting/caller.ts'
import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { LIMITS, QUERIES } from '../tokens.ts'
import { limitsOf } from './limits-of.ts'

/** For so long an answer is good enough. */
const FRESH_MS = 1000
/** What was started so shortly before the question may not be in the answer. */
const STORED_AFTER_MS = 300
const ANSWER_TIMEOUT_MS = 300
const RETRY_AFTER_SECONDS = 2

interface Known {
  askedAtMs: number
  /** `null`: nobody has said yet. */
  open: number | null
  /** When runs were started here that the answer does not know. */
  started: number[]
  asking: Promise<void> | undefined
}

/**
 * Runs that have not ended, of each tenant, in the whole deployment: those that are stored, as of a second ago, and those
 * that were started here since. What others started in that second is not seen, so a few more may get through; a refusal
 * is always by a fresh answer. While nobody can say, none is refused.
 */
@Injectable()
export class RunLimit {
  private readonly tenants = new Map<string, Known>()

  constructor(
    @Inject(LIMITS) private readonly limits: LimitCatalogue,
    @Inject(QUERIES) private readonly queries: Queries,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {}

  /**
   * Throws when it is one too many. Else it counts. Under a key that was used before nothing new is started, and who
   * lost the answer is told it again.
   */
  async count(caller: Caller, ref: SessionRef, { run, key }: { run: string; key?: string }): Promise<void> {
    try {
      await this.countNew(caller)
    } catch (error) {
      if (key === undefined || (await this.snapshots.runWindow(ref, run))?.first === undefined) throw error
    }
  }

  private async countNew(caller: Caller): Promise<void> {
    const { runs } = limitsOf(this.limits, caller)
    const known = this.knownOf(caller.tenant)
    const isFirst = known.askedAtMs === 0
    if (Date.now() - known.askedAtMs > FRESH_MS) void this.ask(caller.tenant, known)
    // As a rule nobody waits for the answer.
    if (isFirst || estimate(known) >= runs / 2) await known.asking
    if (known.open !== null && known.open < runs && estimate(known) >= runs) {
      // Of those that were started last some may have ended by now: what is refused is refused by what is stored.
      await pause(STORED_AFTER_MS)
      await (known.asking ?? this.ask(caller.tenant, known))
    }
    if (known.open !== null && estimate(known) >= runs) {
      const detail = `${runs} runs have not ended yet, and no more are allowed. Nothing was started; try again when one has ended.`
      throw new Problem(429, 'too_many_runs', detail, { retryAfter: RETRY_AFTER_SECONDS })
    }
    known.started.push(Date.now())
  }

  private ask(tenant: string, known: Known): Promise<void> {
    const askedAtMs = Date.now()
    known.askedAtMs = askedAtMs
    return (known.asking = this.queries
      .ask<{ open: number }>('open_runs', { tenant }, ANSWER_TIMEOUT_MS)
      .then(
        ({ open }) => {
          known.open = open
          known.started = known.started.filter((atMs) => atMs >= askedAtMs - STORED_AFTER_MS)
        },
        () => {
          known.open = null
          known.started = []
        },
      )
      .finally(() => {
        known.asking = undefined
      }))
  }

  private knownOf(tenant: string): Known {
    const known = this.tenants.get(tenant)
    if (known !== undefined) return known
    const unknown: Known = { askedAtMs: 0, open: null, started: [], asking: undefined }
    this.tenants.set(tenant, unknown)
    return unknown
  }
}

const estimate = ({ open, started }: Known) => (open ?? 0) + started.length
