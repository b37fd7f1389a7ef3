/** What a key may be used for. One that names none may be used for all of it. */
export const SCOPES = ['read', 'run', 'produce', 'erase'] as const
export type Scope = (typeof SCOPES)[number]

/** In whose name a request is made, and how far that goes. */
export interface Caller {
  readonly tenant: string
  readonly scopes: ReadonlySet<Scope>
  /** The person, where the token names one. */
  readonly subject?: string
  /** Only this session may be touched. */
  readonly session?: string
  /** Whether it still counts: an open stream is asked again and again. */
  counts(): boolean
}

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES)
