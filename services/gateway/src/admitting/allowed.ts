import { randomUUID } from 'node:crypto'
import { isId, type Scope, type SessionRef } from '@spool/log'
import { Problem } from '../problems/problem.ts'
import type { Caller } from './caller.ts'
import type { Need } from './needed-scope.ts'

/** Whoever knows an id that no other request has made up by chance may have been told it. */
const LEAST_OPEN_ID = 20

export const may = (caller: Caller, scope: Scope): boolean => caller.scopes.has(scope)

/** Throws unless the caller may do what needs that scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!may(caller, scope))
    throw forbidden(`This needs the scope "${scope}", which your ${wordFor(caller)} does not have.`)
}

/** Throws where the key, or the token, has been taken back or is over since the request was let in. */
export function assertCounts(caller: Caller): void {
  if (caller.counts()) return
  const detail = `Your ${wordFor(caller)} counts no more. What was asked for goes on, and can be read with another one.`
  throw new Problem(401, 'invalid_key', detail, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
}

/** Throws unless the caller may use a route. */
export function requireNeeded(caller: Caller, need: Need): void {
  requireScope(caller, need.scope)
  if (caller.session !== undefined && need.reach !== 'session') {
    throw forbidden('A ticket is good for its session alone. Use your API key here.')
  }
}

/** The session of that id, as this caller may touch it. */
export function sessionFor(caller: Caller, session: string): SessionRef {
  if (caller.session !== undefined && caller.session !== session) {
    throw forbidden(`This ticket is good for the session ${caller.session} alone.`)
  }
  if (caller.by === 'nothing' && isId(session) && session.length < LEAST_OPEN_ID) {
    const advice = `Without a key a session is known by its id alone: let it have at least ${LEAST_OPEN_ID} characters that nobody can guess, such as a UUID.`
    throw forbidden(advice)
  }
  return { tenant: caller.tenant, session }
}

/** Of a session that nobody named. Not one of our usual ids: who makes two of those knows which came in between. */
export const newSession = (): string => randomUUID()

const wordFor = ({ by }: Caller) =>
  ({ key: 'API key', token: 'token', ticket: 'ticket', nothing: 'request without a key' })[by]

export const forbidden = (detail: string) => new Problem(403, 'forbidden', detail)
