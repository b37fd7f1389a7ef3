/** A Spool to be judged, by its address alone. */
export interface Target {
  readonly url: string
  /** An API key of a tenant for which there are the agents of `agents.ts`. */
  readonly key: string
  /** How often a silent stream gives a sign of life there, in milliseconds. */
  readonly keepAliveMs: number
}
