import { DatabaseError } from 'pg'

/** The five characters that Postgres gives each kind of error; `undefined` for an error that is not its own. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Nobody answered, the connection broke, or the server is starting or going down. Nothing is wrong with what was asked. */
export function isUnreachable(error: unknown): boolean {
  const state = sqlState(error)
  if (state === undefined) return isBrokenConnection(error)
  return state.startsWith('08') || state.startsWith('57P') || state === '53300'
}

/** The values cannot be stored (classes 21 to 23), or are beyond a limit such as nesting (54): trying again cannot help. */
export function isBadData(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && ['21', '22', '23', '54'].includes(state.slice(0, 2))
}

/** The system's own errors have codes like ECONNREFUSED; the driver has none for what it finds out itself. */
function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string') return /^E[A-Z]+$/.test(error.code)
  return /connection|timeout|not queryable/i.test(error.message)
}
