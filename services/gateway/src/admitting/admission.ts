import type { IncomingHttpHeaders } from 'node:http'
import { Inject, Injectable } from '@nestjs/common'
import { hashKey, type KeyWatch } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { RequestLimit } from '../limiting/request-limit.ts'
import { Problem } from '../problems/problem.ts'
import { shuttingDown, unavailable } from '../problems/known-problems.ts'
import { Draining } from '../serving/draining.ts'
import { Tickets } from '../ticketing/tickets.ts'
import { CONFIG, KEYS } from '../tokens.ts'
import { requireNeeded } from './allowed.ts'
import { ALL_SCOPES, type Caller, OPEN_SCOPES } from './caller.ts'
import { KEYLESS_ROUTES, type Need, neededOf } from './needed-scope.ts'
import { TokenRefused, TokenVerifier } from './token-verifier.ts'

const BEARER = /^Bearer +(\S+) *$/i

type Query = Readonly<Record<string, unknown>>

/** Decides before anything of the body is read whether a request may be made, and for whom. */
@Injectable()
export class Admission {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KEYS) private readonly keys: KeyWatch,
    @Inject(Tickets) private readonly tickets: Tickets,
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
    @Inject(RequestLimit) private readonly requests: RequestLimit,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  /** Only a token takes time. */
  admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    const { url = '' } = request.routeOptions
    // An address that does not exist says so to everyone.
    if (request.is404 || KEYLESS_ROUTES.has(url)) return
    if (this.draining.begun) throw shuttingDown()
    const query = request.query as Query
    const need = neededOf(request.method, url)
    const caller = this.callerOf(request.headers, query, need)
    if (caller instanceof Promise) return caller.then((found) => this.let(found, need, request, reply))
    this.let(caller, need, request, reply)
  }

  private let(caller: Caller, need: Need, request: FastifyRequest, reply: FastifyReply): void {
    this.requests.count(caller)
    requireNeeded(caller, need)
    // Caches know what a header admits; an address that admits is one like any other to them.
    if (caller.by === 'ticket' || caller.by === 'nothing') reply.header('cache-control', 'no-store')
    request.tenant = caller.tenant
    request.caller = caller
  }

  /** Throws what they are refused with. */
  private callerOf({ authorization }: IncomingHttpHeaders, query: Query, need: Need): Caller | Promise<Caller> {
    if (!this.keys.loaded) throw unavailable('The API keys are not loaded yet. Try again in a moment.')
    if (authorization === undefined) {
      if (query['ticket'] !== undefined) return this.ofTicket(query['ticket'])
      return this.ofNothing(query, need)
    }
    const shown = BEARER.exec(authorization)?.[1]
    if (shown === undefined) throw missingKey()
    return this.ofKey(shown) ?? (this.tokens.takes(shown) ? this.ofToken(shown) : refused())
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

  private async ofToken(token: string): Promise<Caller> {
    try {
      const claims = await this.tokens.claimsOf(token)
      return { by: 'token', ...claims, counts: () => Date.now() < claims.endsAtMs }
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error
      const detail = `This token is not taken: ${error.message}.`
      throw unauthorized('invalid_token', detail, 'Bearer error="invalid_token"')
    }
  }

  private ofTicket(ticket: unknown): Caller {
    const caller = typeof ticket === 'string' ? this.tickets.callerOf(ticket) : undefined
    if (caller !== undefined) return caller
    const detail = 'This ticket is not good, or not any more: it has to be used within a minute. Make a new one.'
    throw unauthorized('invalid_ticket', detail, 'Bearer error="invalid_token"')
  }

  private ofNothing(query: Query, need: Need): Caller {
    const tenant = this.config.SPOOL_OPEN_TENANT
    // What a model was told may be more than people are to see.
    if (tenant === undefined || !need.open || query['raw'] !== undefined) throw missingKey()
    return { by: 'nothing', tenant, scopes: OPEN_SCOPES, counts: () => true }
  }
}

function missingKey(): Problem {
  return unauthorized('missing_key', 'Send your API key: `Authorization: Bearer <key>`.', 'Bearer')
}

function refused(): never {
  throw unauthorized('invalid_key', 'This API key is not known here.', 'Bearer error="invalid_token"')
}

function unauthorized(code: string, detail: string, challenge: string): Problem {
  return new Problem(401, code, detail, { headers: { 'www-authenticate': challenge } })
}
