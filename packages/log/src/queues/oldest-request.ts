import type { MsgRequest } from '@nats-io/jetstream'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { askLeader } from '../reading/from-leader.ts'

/** The place in INTAKE of the session's request that came first and is still open, or `null`. */
export async function oldestRequest(log: Log, ref: SessionRef): Promise<number | null> {
  const query = { seq: 1, next_by_subj: log.subjects.intake(ref, '*') } as MsgRequest
  return (await askLeader(log.bus, 'INTAKE', query))?.seq ?? null
}
