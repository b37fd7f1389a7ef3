import { isId, type SessionRef } from '@spool/log'
import type { FastifyRequest } from 'fastify'
import { sessionFor } from '../admitting/allowed.ts'
import type { Caller } from '../admitting/caller.ts'
import { Problem } from '../problems/problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** For whom the request acts; set before any handler of a route that needs a key. */
    tenant: string
    /** In whose name it is made. */
    caller: Caller
    /** The code of the problem that it was answered with, for the log. */
    problem: string | undefined
  }
}

/** An id of the path, checked: it becomes a token of a NATS subject. */
export function idOf(request: FastifyRequest, name: string): string {
  const value = (request.params as Record<string, string | undefined>)[name]
  if (isId(value)) return value
  throw new Problem(400, 'invalid_id', `The ${name} in the path must be 1 to 128 letters, digits, "-" or "_".`)
}

export function sessionOf(request: FastifyRequest): SessionRef {
  return sessionFor(request.caller, idOf(request, 'session'))
}

/** One value of the query string; naming it twice is a mistake. */
export function queryOf(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name]
  if (value === undefined || typeof value === 'string') return value
  throw new Problem(400, 'invalid_query', `${name} is given more than once.`)
}

/** Where leaving a parameter out does more than giving it, a misspelt one must not pass as one that is left out. */
export function onlyQuery(request: FastifyRequest, ...names: readonly string[]): void {
  const unknown = Object.keys(request.query as object).filter((name) => name !== 'ticket' && !names.includes(name))
  if (unknown.length === 0) return
  const known = names.length === 0 ? 'takes no parameters' : `only takes ${names.join(', ')}`
  const done = request.method === 'DELETE' ? ' Nothing was deleted.' : ''
  throw new Problem(400, 'invalid_query', `This call ${known}, not: ${unknown.join(', ').slice(0, 200)}.${done}`)
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

export function limitOf(request: FastifyRequest, { fallback, max }: { fallback: number; max: number }): number {
  const text = queryOf(request, 'limit')
  if (text === undefined) return fallback
  const limit = Number(text)
  if (/^\d{1,9}$/.test(text) && limit >= 1 && limit <= max) return limit
  throw new Problem(400, 'invalid_query', `limit must be a whole number from 1 to ${max}.`)
}

/** Whether the client asks for a media type by name; a wildcard is no wish. */
export function accepts(request: FastifyRequest, mediaType: string): boolean {
  const accept = headerOf(request, 'accept') ?? ''
  return accept.split(',').some((part) => part.split(';', 1)[0]!.trim().toLowerCase() === mediaType)
}
