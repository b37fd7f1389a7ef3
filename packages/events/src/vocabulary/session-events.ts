import * as z from 'zod'
import { sessionEvent } from './envelope.ts'
import { count, cursorText, identifier } from './scalars.ts'

export const sessionTitled = sessionEvent('session.titled', { title: z.string() })

/** The first event of a fork and, without `copying`, the one that ends its copy: until then no run starts. */
export const sessionForked = sessionEvent('session.forked', {
  from_session: identifier,
  from_cursor: cursorText,
  copying: z.literal(true).optional(),
  /** What the session it was taken from had there. */
  agent: z.string().min(1).optional(),
  language: z.string().min(1).optional(),
})

/**
 * Before the first event of a history that is brought in from an export and, without `importing`, behind the last: between
 * the two nothing is decided and nothing begins, whatever the history says of work that was going on where it comes from.
 */
export const sessionImported = sessionEvent('session.imported', {
  from_tenant: identifier,
  from_session: identifier,
  importing: z.literal(true).optional(),
})

/** Older turns are replaced by `text` in what a model is sent; nothing is deleted. */
export const sessionSummarised = sessionEvent('session.summarised', {
  up_to: cursorText,
  text: z.string(),
  /** How many messages the text stands for. */
  messages: count,
})

/** The last event a follower sees. */
export const sessionErased = sessionEvent('session.erased', {
  by: z.string(),
  /** true: what was remembered of it goes, too. */
  memories: z.boolean().optional(),
})

export const sessionEvents = [sessionTitled, sessionForked, sessionImported, sessionSummarised, sessionErased] as const
