import { Connection, type ConnectionOptions } from './calling/connection.ts'
import { queryOf } from './calling/query.ts'
import type { Cursor } from './cursor.ts'
import { Refused } from './errors.ts'
import { Session } from './session.ts'
import type { AgentSnapshot, MemorySnapshot, MessageSnapshot, SearchHit, SessionSnapshot } from './snapshots.ts'

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

  /**
   * Messages that people were shown and that have all of these words, the newest first; the last word may be a
   * beginning.
   *
   * @example
   * for (const { session, snippet } of (await spool.search('green tea')).hits) show(session, snippet)
   */
  search(
    q: string,
    of: { session?: string; role?: MessageSnapshot['role']; limit?: number; before?: string } = {},
    signal?: AbortSignal,
  ): Promise<{ hits: SearchHit[]; next: string | null }> {
    return this.connection.json({ path: `/v1/search${queryOf({ q, ...of })}`, signal })
  }

  /** Forgets one memory for good. */
  async forget(memory: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.connection.call({ method: 'DELETE', path: `/v1/memories/${encodeURIComponent(memory)}`, signal })
    } catch (error) {
      // Nothing is left to forget: perhaps by a try of this call whose answer was lost.
      if (!(error instanceof Refused) || error.code !== 'memory_not_found') throw error
    }
  }

  /** Forgets all that is remembered of a user, or what one agent remembers; says how many memories that were. */
  async forgetUser(user: string, { agent }: { agent?: string } = {}, signal?: AbortSignal): Promise<number> {
    const path = `/v1/memories${queryOf({ user, agent })}`
    const { deleted } = await this.connection.json<{ deleted: number }>({ method: 'DELETE', path, signal })
    return deleted
  }
}
