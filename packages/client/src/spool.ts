import { Connection, type ConnectionOptions } from './calling/connection.ts'
import { queryOf } from './calling/query.ts'
import type { Cursor } from './cursor.ts'
import { Session } from './session.ts'
import type { SessionSnapshot } from './snapshots.ts'

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
}
