import type { SessionRef } from '@spool/log'
import type { System } from './system.ts'

/** What NATS still holds of a session. */
export async function leftInStream(system: System, ref: SessionRef): Promise<number> {
  const { logStream, log } = { logStream: system.log.subjects.logStream(ref), log: system.log.subjects.log(ref) }
  const { state } = await system.bus.jsm.streams.info(logStream, { subjects_filter: log })
  return state.subjects?.[log] ?? 0
}

export async function rowsOf(system: System, { session }: SessionRef): Promise<number> {
  const tables = ['events', 'sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts']
  const counts = tables.map((table) => `(select count(*) from ${table} where session = $1)`)
  const [row] = await system.sql<{ left: number }>(`select ${counts.join(' + ')} as left`, [session])
  return row!.left
}
