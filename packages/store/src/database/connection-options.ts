import { type CustomTypesConfig, types } from 'pg'

const INT8 = 20

/** What every connection of this service has in common. */
export function connectionOptions(url: string, name: string) {
  return {
    connectionString: url,
    application_name: name,
    // A peer that vanished without a word is noticed by both sides.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
    types: {
      // Positions are 64 bits to Postgres and text to the driver. They stay far below 2^53: this is the one place.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format as 'text'),
    } as CustomTypesConfig,
  }
}
