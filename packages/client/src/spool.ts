import { Connection, type ConnectionOptions } from './calling/connection.ts'
import { queryOf } from './calling/query.ts'
import type { Cursor } from './cursor.ts'
import { Session } from './session.ts'
import type { AgentSnapshot, MemorySnapshot, SessionSnapshot } from './snapshots.ts'

export type SpoolOptions = ConnectionOptions

/**
 * A Spool server.
 *
 * @example
 * const spool = new Spool({ url: 'http://localhost:8080', key })
 * const run = await spool.session('s1').send('Hello')
 * console.log(await run.text())
 */
export class Spool {
  private readonly connection: Connection

  constructor(options: SpoolOptions) {
    this.connection = new Connection(options)
  }

  session(id: string): Session {
    return new Session(this.connection, id)
  }

  /** The newest first. */
  sessions(
    page: { limit?: number; before?: string } = {},
    signal?: AbortSignal,
  ): Promise<{ sessions: (SessionSnapshot & { cursor: Cursor })[]; next: string | null }> {
    return this.connection.json({ path: `/v1/sessions${queryOf(page)}`, signal })
  }

  /** Those that this key may use. */
  async agents(signal?: AbortSignal): Promise<AgentSnapshot[]> {
    const { agents } = await this.connection.json<{ agents: AgentSnapshot[] }>({ path: '/v1/agents', signal })
    return agents
  }

  /** What is remembered, the newest first; with `q`, what has these words in it. */
  memories(
    of: { user?: string; agent?: string; q?: string; limit?: number; before?: string } = {},
    signal?: AbortSignal,
  ): Promise<{ memories: MemorySnapshot[]; next: string | null }> {
    return this.connection.json({ path: `/v1/memories${queryOf(of)}`, signal })
  }

  /** Forgets for good: some memories, or all of a user. */
  forget(
    what: { ids: readonly string[] } | { user: string; agent?: string },
    signal?: AbortSignal,
  ): Promise<{ forgotten: number }> {
    const query = 'ids' in what ? { ids: what.ids.join(',') } : what
    return this.connection.json({ method: 'DELETE', path: `/v1/memories${queryOf(query)}`, signal })
  }
}
