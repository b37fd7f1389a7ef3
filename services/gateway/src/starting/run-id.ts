import { createHash } from 'node:crypto'
import { newId } from '@spool/events'
import { type SessionRef, isId } from '@spool/log'
import { Problem } from '../problems/problem.ts'

/**
 * The run's id. With an idempotency key it follows from tenant, session and key, so that every gateway, also after a
 * restart, gives the same request the same run.
 */
export function runIdOf({ tenant, session }: SessionRef, key: string | undefined): string {
  if (key === undefined) return newId()
  return sha256(JSON.stringify([tenant, session, key])).slice(0, 32)
}

/** The id of a producer's message, which under an idempotency key follows in the same way as that of its run. */
export function messageIdOf({ tenant, session }: SessionRef, key: string | undefined): string {
  return key === undefined ? newId() : sha256(JSON.stringify(['message', tenant, session, key])).slice(0, 32)
}

/** The id of the new session, which under an idempotency key follows in the same way from the session that is copied. */
export function forkIdOf({ tenant, session }: SessionRef, key: string | undefined): string {
  return key === undefined ? newId() : sha256(JSON.stringify(['fork', tenant, session, key])).slice(0, 32)
}

/** The same answer under the same key is the same request; another answer under it is another one, and comes too late. */
export function confirmIdOf(key: string | undefined, answer: object): string {
  return key === undefined ? newId() : sha256(JSON.stringify([key, answer])).slice(0, 32)
}

export function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || isId(key)) return key
  throw new Problem(400, 'invalid_idempotency_key', 'Idempotency-Key must be 1 to 128 letters, digits, "-" or "_".')
}

/** Tells two requests under one key apart. Of what was understood, so that spaces and the order of fields do not count. */
export function bodyHash(body: object): string {
  return sha256(JSON.stringify(body))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
