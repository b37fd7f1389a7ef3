import { Inject, Injectable } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../admitting/caller.ts'
import { Problem } from '../problems/problem.ts'
import { LIMITS } from '../tokens.ts'
import { accountOf, limitsOf } from './limits-of.ts'

const RETRY_AFTER_SECONDS = 5

/** Streams that are open at the same time, of each tenant, at this gateway. */
@Injectable()
export class StreamLimit {
  private readonly open = new Map<string, number>()

  constructor(@Inject(LIMITS) private readonly limits: LimitCatalogue) {}

  /** For the stream that answers a request. Called before anything is begun: what is refused has done nothing. */
  reserve(request: FastifyRequest, reply: FastifyReply): void {
    const release = this.take(request.caller)
    reply.raw.once('close', release)
    // Its client has left already.
    if (reply.raw.destroyed) release()
  }

  /** Throws when it is one too many; else gives back what is called at the stream's end. */
  take(caller: Caller): () => void {
    const account = accountOf(caller)
    const { streams } = limitsOf(this.limits, caller)
    const count = this.open.get(account) ?? 0
    if (count >= streams) {
      const detail = `${count} streams are open already, and no more are allowed. Nothing was started; try again when one has ended.`
      throw new Problem(429, 'too_many_streams', detail, { retryAfter: RETRY_AFTER_SECONDS })
    }
    this.open.set(account, count + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      const left = this.open.get(account)! - 1
      if (left > 0) this.open.set(account, left)
      else this.open.delete(account)
    }
  }
}
