import { type Scope, SCOPES } from '@spool/log'

/** In whose name a request is made, and how far that goes. */
export interface Caller {
  readonly tenant: string
  readonly scopes: ReadonlySet<Scope>
  /** What was shown. `nothing`: the deployment lets everybody act as this tenant. */
  readonly by: 'key' | 'token' | 'ticket' | 'nothing'
  /** The person, where the token names one. */
  readonly subject?: string
  /** Only this session may be touched. */
  readonly session?: string
  /** Of the key that stands behind it. */
  readonly keyHash?: string
  /** When it is over, in milliseconds, where that is known. */
  readonly endsAtMs?: number
  /** Whether it still counts: an open stream is asked again and again. */
  counts(): boolean
}

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES)

/** Of who shows nothing, where everybody is let in. */
export const OPEN_SCOPES: ReadonlySet<Scope> = new Set(['read', 'run'])
