import { Inject, Injectable } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import type { Caller } from '../admitting/caller.ts'
import { Problem } from '../problems/problem.ts'
import { LIMITS } from '../tokens.ts'
import { accountOf, limitsOf } from './limits-of.ts'
import { TokenBucket } from './token-bucket.ts'

/** Names of tenants may come from tokens, and nobody else knows how many there are. */
const MOST_BUCKETS = 10_000

/** Requests per second, of each tenant, at this gateway. */
@Injectable()
export class RequestLimit {
  private readonly buckets = new Map<string, TokenBucket>()

  constructor(@Inject(LIMITS) private readonly limits: LimitCatalogue) {}

  /** Throws when it is one too many. */
  count(caller: Caller): void {
    const waitMs = this.bucketOf(caller).take(Date.now())
    if (waitMs === 0) return
    const retryAfter = Math.ceil(waitMs / 1000)
    throw new Problem(429, 'too_many_requests', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter })
  }

  private bucketOf(caller: Caller): TokenBucket {
    const account = accountOf(caller)
    const known = this.buckets.get(account)
    if (known !== undefined) return known
    const { requestsPerSecond, requestBurst } = limitsOf(this.limits, caller)
    const now = Date.now()
    if (this.buckets.size >= MOST_BUCKETS) {
      for (const [other, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(other)
    }
    const bucket = new TokenBucket({ perSecond: requestsPerSecond, atOnce: requestBurst }, now)
    this.buckets.set(account, bucket)
    return bucket
  }
}
