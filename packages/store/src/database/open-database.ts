import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { connectionOptions } from './connection-options.ts'
import type { Schema } from './schema.ts'

export interface Database {
  readonly kysely: Kysely<Schema>
  close(): Promise<void>
}

export interface DatabaseOptions {
  url: string
  /** Shown in the server's list of connections. */
  name: string
  connections: number
  /** Statements may take as long as they need. Not for what others wait for. */
  patient?: boolean
  onError?: (error: Error) => void
}

/** A pool of connections, each made when it is needed: a database that is away is no reason not to start. */
export function openDatabase({ url, name, connections, patient = false, onError }: DatabaseOptions): Database {
  const pool = new Pool({
    ...connectionOptions(url, name),
    ...(patient && { statement_timeout: 0, query_timeout: 0 }),
    max: connections,
    idleTimeoutMillis: 30_000,
  })
  // Without a listener a connection that breaks while it is idle would end the process.
  pool.on('error', (error) => onError?.(error))
  // Likewise one that breaks in use, between two statements: whoever uses it hears of it with the next.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return { kysely, close: () => kysely.destroy() }
}
