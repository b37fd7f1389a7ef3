import { Inject, Injectable } from '@nestjs/common'
import type { Queries } from '@spool/log'
import { QUERIES } from '../tokens.ts'

/** Longer than persistence itself waits until it has stored what was written last. */
const ANSWER_TIMEOUT_MS = 6500

export interface MemoryPage {
  readonly user?: string | undefined
  readonly agent?: string | undefined
  /** Words, or their beginnings, that a memory is to have. */
  readonly q?: string | undefined
  readonly limit: number
  readonly before?: string | undefined
}

export type WhatToForget =
  /** With a user: only what is theirs. */
  | { readonly ids: readonly string[]; readonly user?: string | undefined }
  | { readonly user: string; readonly agent?: string | undefined }

/** What is remembered of a tenant's users: persistence knows, and forgets. */
@Injectable()
export class Memories {
  constructor(@Inject(QUERIES) private readonly queries: Queries) {}

  list(tenant: string, page: MemoryPage) {
    return this.ask<{ memories: unknown[]; next: string | null }>('memories', { tenant, ...page })
  }

  /** Resolves with how many there were, once none of them can be found any more. */
  async forget(tenant: string, what: WhatToForget): Promise<number> {
    const { forgotten } = await this.ask<{ forgotten: number }>('forget', { tenant, ...what })
    return forgotten
  }

  private ask<T>(name: string, data: object): Promise<T> {
    return this.queries.ask<T>(name, data, ANSWER_TIMEOUT_MS)
  }
}
