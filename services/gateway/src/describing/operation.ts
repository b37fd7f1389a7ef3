import type { z } from 'zod'

/** Where a call stands in the document and on its page. */
export const GROUPS = [
  'Runs',
  'Streams',
  'Questions',
  'Sessions',
  'Producing',
  'Memories',
  'Keys and agents',
  'Dialects',
  'Health',
] as const
export type Group = (typeof GROUPS)[number]

/**
 * What a call is, for those who make it. It stands beside its route (`@Described(…)`) and everything that can be
 * derived is left out: path parameters are ids, a call needs a key, and what can go wrong because of a key, an id, a
 * body or a server is known.
 */
export interface Operation {
  /** Unique; generated clients name a function by it. */
  readonly id: string
  readonly group: Group
  /** In a few words. */
  readonly summary: string
  /** What else one has to know. Markdown. */
  readonly description?: string
  /** Answered without a key. */
  readonly open?: true
  /** Parameters of the path that are no ids. */
  readonly path?: Readonly<Record<string, z.ZodType>>
  /** With `.describe(…)`. What is not optional is required. */
  readonly query?: Readonly<Record<string, z.ZodType>>
  readonly headers?: readonly HeaderParameter[]
  readonly body?: RequestBody
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Codes by status, beside those that every call of its kind may have. */
  readonly problems?: Readonly<Record<number, readonly string[]>>
}

export interface RequestBody {
  readonly schema: z.ZodType
  readonly optional?: true
  /** Shown to people, and what a fuzzer starts from. */
  readonly example: unknown
  /** `application/json` where nothing is said. */
  readonly mediaType?: string
}

export interface HeaderParameter {
  readonly name: string
  readonly description: string
  readonly schema: z.ZodType
  readonly example?: string
}

export interface Answer {
  readonly description: string
  readonly json?: z.ZodType
  /** Server-sent events. */
  readonly stream?: Stream
  /** Any type. */
  readonly bytes?: true
  readonly html?: true
  /** What a client may send over the WebSocket. */
  readonly socket?: z.ZodType
  /** Beside `x-request-id`. */
  readonly headers?: readonly string[]
}

export interface Stream {
  /** What its frames are. */
  readonly description: string
  /** Of the JSON in `data:`, where all frames have the same. */
  readonly data?: z.ZodType | 'event'
}
