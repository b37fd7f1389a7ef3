import { type Dialect, DIALECTS } from '@spool/dialects'
import { usageProblem } from '../problem.ts'

export const DIALECT_NAMES: readonly string[] = ['native', ...DIALECTS.map(({ name }) => name)]

/** `null`: Spool's own, which is always served. */
export function dialectOf(name: string): Dialect | null {
  const dialect = DIALECTS.find((one) => one.name === name)
  if (dialect !== undefined) return dialect
  if (name === 'native') return null
  throw usageProblem(`There is no dialect "${name}". There is: ${DIALECT_NAMES.join(', ')}.`)
}
