import { IDENTIFIER } from '@spool/events'
import { z } from 'zod'

/** What each query may say. Those who ask are our own services, so a mismatch is a defect, told plainly. */
const id = z.string().regex(IDENTIFIER)
const position = z.int().min(0)
const session = { tenant: id, session: id }
const atLeast = { atLeast: z.object({ seq: position }).nullish() }
/** Which state is meant: that at one of the session's events, or, where it says nothing, the present one. */
const at = { at: z.object({ epoch: position, seq: position }).nullish() }

export const sessionAsk = z.object(session)
export const tailAsk = z.object({ ...session, ...atLeast })
export const readAsk = z.object({
  ...session,
  after: position,
  until: position,
  limit: z.int().min(1).max(2000).default(2000),
})
export const hasAsk = z.object({ ...session, epoch: position, seq: position })
export const blobAsk = z.object({ ...session, id })
export const blobChunkAsk = z.object({ ...session, id, number: position })
export const snapshotAsk = z.object({ ...session, ...atLeast, ...at })
export const messagesAsk = z.object({
  ...session,
  ...atLeast,
  ...at,
  limit: z.int().min(1).max(1000).nullish(),
  /** `next` of the page before. */
  after: z.coerce.number().int().min(0).nullish(),
  /** In place of `after`: it begins so many before the end. */
  last: z.int().min(1).nullish(),
})
export const messageAsk = z.object({ ...session, ...atLeast, ...at, message: z.string() })
export const rawAsk = z.object({ ...session, ...atLeast, message: z.string() })
export const runAsk = z.object({ ...session, ...atLeast, ...at, run: z.string() })
export const sessionsAsk = z.object({
  tenant: id,
  limit: z.int().min(1).max(1000).nullish(),
  /** `next` of the page before. */
  before: z.string().nullish(),
})

export const openRunsAsk = z.object({ tenant: id })

export const searchAsk = z.object({
  tenant: id,
  q: z.string(),
  session: id.nullish(),
  role: z.enum(['user', 'assistant', 'system']).nullish(),
  limit: z.int().min(1).max(100),
  /** `next` of the page before. */
  before: z.string().nullish(),
})

/** Any text: what an application calls its users is its own business. */
const name = z.string().min(1).nullish()

export const recallAsk = z.object({
  ...session,
  user: name,
  agent: name,
  /** What the memories are to have to do with. */
  text: z.string(),
  limit: z.int().min(1).max(100),
})
export const memoriesAsk = z.object({
  tenant: id,
  user: name,
  agent: name,
  q: z.string().nullish(),
  limit: z.int().min(1).max(1000),
  /** `next` of the page before. */
  before: z.string().nullish(),
})
export const forgetAsk = z.union([
  z.object({ tenant: id, ids: z.array(id).min(1).max(1000), user: name }),
  z.object({ tenant: id, user: z.string().min(1), agent: name }),
])
export const eraseAsk = z.object({ ...session, by: z.string().min(1), memories: z.boolean() })

export type SnapshotAsk = z.output<typeof snapshotAsk>
