import { z } from 'zod'
import { ToolError } from '../tool-error.ts'
import type { Answer } from './post.ts'

/** What says so is no output as it stands: it has the output in it, and what is told beside it. */
export const SPOOL_ANSWER = 'application/vnd.spool.answer+json'

const MOST_EVENTS = 100

const schema = z.strictObject({
  output: z.unknown().optional(),
  events: z
    .array(z.strictObject({ type: z.string(), data: z.unknown().optional() }))
    .max(MOST_EVENTS)
    .default([]),
})

export interface SpoolAnswer {
  readonly output: unknown
  readonly events: readonly { readonly type: string; readonly data?: unknown }[]
}

/** `null`: an answer like any other. */
export function spoolAnswer({ status, contentType, packed, cut, body }: Answer): SpoolAnswer | null {
  const isOurs = contentType.split(';', 1)[0]!.trim().toLowerCase() === SPOOL_ANSWER
  if (!isOurs || status < 200 || status >= 300 || packed || cut) return null
  const { success, data } = schema.safeParse(parsed(body))
  if (success) return { output: data.output ?? null, events: data.events }
  const what = `{output, events: [{type, data}]} with up to ${MOST_EVENTS} events`
  throw new ToolError('answer_malformed', `It was done (${status}), but the answer is not ${what}, as it says it is.`)
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
