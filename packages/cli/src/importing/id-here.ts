import { createHash } from 'node:crypto'
import { isId, type SessionRef } from '@spool/log'

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const DIGITS_IN_ALL = 26

/**
 * The id of an event that is brought into another session, where it cannot keep its own: ids are unique in a store.
 * Always the same for the same two, so that an import that broke off knows what it has brought in already.
 */
export function idHere(id: string, { tenant, session }: SessionRef): string {
  const hash = createHash('sha256').update(`${tenant}/${session}/${id}`).digest()
  const made = [...hash.subarray(0, DIGITS_IN_ALL)].map((byte) => DIGITS[byte % DIGITS.length]).join('')
  // It keeps the time at which it was made.
  const isUlid = id.length === DIGITS_IN_ALL && isId(id)
  return isUlid ? `${id.slice(0, TIME_DIGITS)}${made.slice(TIME_DIGITS)}` : `0${made.slice(1)}`
}
