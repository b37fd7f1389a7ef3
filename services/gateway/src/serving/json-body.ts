import type { LimitCatalogue } from '@spool/config'
import type { FastifyInstance } from 'fastify'
import { takesFile } from './file-body.ts'
import type { Caller } from '../admitting/caller.ts'
import { limitsOf } from '../limiting/limits-of.ts'
import { Problem } from '../problems/problem.ts'
import { isNestedTooDeep, MOST_LEVELS } from './nesting.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON only, and strictly UTF-8: nothing that a client sends is silently replaced by something else. */
export function parseJsonBodies(http: FastifyInstance, limits: LimitCatalogue): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesFile(request)) {
      done(null, body)
      return
    }
    try {
      limitBody(body.length, limits, request.caller)
      done(null, body.length === 0 ? undefined : parse(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Nobody asked who sends to an address that does not exist. */
export function limitBody(bytes: number, limits: LimitCatalogue, caller: Caller | undefined): void {
  if (caller === undefined) return
  const { bodyBytes } = limitsOf(limits, caller)
  if (bytes <= bodyBytes) return
  throw new Problem(413, 'body_too_large', `The body is larger than the ${bodyBytes} bytes that are allowed here.`)
}

function parse(body: Buffer): unknown {
  const value = read(body)
  limitNesting(value)
  return value
}

export function limitNesting(value: unknown): void {
  if (!isNestedTooDeep(value)) return
  throw new Problem(400, 'malformed_json', `The body is nested deeper than ${MOST_LEVELS} levels.`)
}

function read(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (cause) {
    throw new Problem(400, 'malformed_json', 'The body is not JSON in UTF-8.', { cause })
  }
}
