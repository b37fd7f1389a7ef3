import { storableId, storableText } from './storable.ts'

/** Whose memories they are, within a tenant. */
export interface Owner {
  /** null: of nobody in particular. */
  readonly user: string | null
  readonly agent: string | null
}

/** What is longer does not fit into an index; no id of a user is. */
const MAX_USER = 512

/**
 * A name that Postgres would not keep as it is would be another user's: such a one is nobody in particular, whose
 * memories stay within their session.
 */
export function ownerOf({ user, agent }: Owner): Owner {
  const isStorable = user !== null && user.length <= MAX_USER && storableText(user) === user
  return { user: isStorable ? user : null, agent: agent === null ? null : storableId(agent) }
}
