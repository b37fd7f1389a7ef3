import { formatCursor } from '@spool/events'
import type { SessionRef } from '@spool/log'

/** Something that is not as it must be, for whoever looks after the deployment. */
export interface Difference {
  /** null: of a shard as a whole. */
  readonly tenant: string | null
  readonly session: string | null
  readonly shard: number
  /** The cursor of the event it is about. null: of the whole. */
  readonly at: string | null
  /** A sentence. */
  readonly what: string
  readonly inLog: string | null
  readonly stored: string | null
  /** What brings it into order. */
  readonly todo: string
}

export const ADVICE = {
  rebuild: 'The events are as they must be: `spool rebuild` makes the snapshots anew.',
  restorePostgres:
    'Restore Postgres from a backup; persistence goes on from its checkpoint with what the log still holds.',
  restoreLog:
    'Readers are given it from Postgres, nothing is lost. `spool log status` says whether the log has lost more; `spool log restore` begins a new epoch behind what is stored.',
  eraseAgain: 'Erase the session once more (DELETE /v1/sessions/<session>): what is left goes, its id stays refused.',
} as const

export type Found = Omit<Difference, 'tenant' | 'session' | 'shard'>

interface Where {
  readonly epoch: number
  readonly seq: number
}

export function found(
  where: Where | null,
  what: string,
  todo: string,
  values: { readonly inLog?: unknown; readonly stored?: unknown } = {},
): Found {
  return {
    at: where === null ? null : formatCursor(where),
    what,
    inLog: 'inLog' in values ? shown(values.inLog) : null,
    stored: 'stored' in values ? shown(values.stored) : null,
    todo,
  }
}

export function ofSession({ tenant, session }: SessionRef, shard: number, difference: Found): Difference {
  return { tenant, session, shard, ...difference }
}

const SHOWN_CHARACTERS = 160

/** Short enough for a line. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`
}
