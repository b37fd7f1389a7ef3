import type { IncomingHttpHeaders } from 'node:http'
import { Inject, Injectable } from '@nestjs/common'
import { hashKey, type KeyWatch } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { shuttingDown, unavailable } from '../problems/known-problems.ts'
import { Draining } from '../serving/draining.ts'
import { Tickets } from '../ticketing/tickets.ts'
import { KEYS } from '../tokens.ts'
import { requireNeeded } from './allowed.ts'
import { ALL_SCOPES, type Caller } from './caller.ts'
import { KEYLESS_ROUTES, neededOf } from './needed-scope.ts'

const BEARER = /^Bearer +(\S+) *$/i

type Query = Readonly<Record<string, unknown>>

/** Decides before anything of the body is read whether a request may be made, and for whom. */
@Injectable()
export class Admission {
  constructor(
    @Inject(KEYS) private readonly keys: KeyWatch,
    @Inject(Tickets) private readonly tickets: Tickets,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  admit(request: FastifyRequest, reply: FastifyReply): void {
    const { url = '' } = request.routeOptions
    // An address that does not exist says so to everyone.
    if (request.is404 || KEYLESS_ROUTES.has(url)) return
    if (this.draining.begun) throw shuttingDown()
    const query = request.query as Query
    const caller = this.callerOf(request.headers, query)
    requireNeeded(caller, neededOf(request.method, url), query)
    // Caches know what a header admits; an address that admits is one like any other to them.
    if (caller.by === 'ticket') reply.header('cache-control', 'no-store')
    request.tenant = caller.tenant
    request.caller = caller
  }

  /** Throws what they are refused with. */
  callerOf({ authorization }: IncomingHttpHeaders, { ticket }: Query): Caller {
    if (!this.keys.loaded) throw unavailable('The API keys are not loaded yet. Try again in a moment.')
    if (authorization === undefined && ticket !== undefined) return this.ofTicket(ticket)
    const key = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
    if (key === undefined) {
      throw unauthorized('missing_key', 'Send your API key: `Authorization: Bearer <key>`.', 'Bearer')
    }
    return this.ofKey(key) ?? refused()
  }

  private ofKey(key: string): Caller | undefined {
    const keyHash = hashKey(key)
    const grant = this.keys.grantOfHash(keyHash)
    if (grant === undefined) return undefined
    const scopes = grant.scopes === undefined ? ALL_SCOPES : new Set(grant.scopes)
    return {
      by: 'key',
      tenant: grant.tenant,
      scopes,
      keyHash,
      counts: () => this.keys.grantOfHash(keyHash) !== undefined,
    }
  }

  private ofTicket(ticket: unknown): Caller {
    const caller = typeof ticket === 'string' ? this.tickets.callerOf(ticket) : undefined
    if (caller !== undefined) return caller
    const detail = 'This ticket is not good, or not any more: it has to be used within a minute. Make a new one.'
    throw unauthorized('invalid_ticket', detail, 'Bearer error="invalid_token"')
  }
}

function refused(): never {
  throw unauthorized('invalid_key', 'This API key is not known here.', 'Bearer error="invalid_token"')
}

function unauthorized(code: string, detail: string, challenge: string): Problem {
  return new Problem(401, code, detail, { headers: { 'www-authenticate': challenge } })
}
