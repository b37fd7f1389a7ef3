import { Inject, Injectable } from '@nestjs/common'
import { hashKey, type KeyWatch } from '@spool/log'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { shuttingDown, unavailable } from '../problems/known-problems.ts'
import { Draining } from '../serving/draining.ts'
import { KEYS } from '../tokens.ts'
import { ALL_SCOPES, type Caller } from './caller.ts'

/** Answered without a key. */
const OPEN_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/health'])

const BEARER = /^Bearer +(\S+) *$/i

/** Decides before anything of the body is read whether a request may be made, and for whom. */
@Injectable()
export class Admission {
  constructor(
    @Inject(KEYS) private readonly keys: KeyWatch,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  admit(request: FastifyRequest): void {
    // An address that does not exist says so to everyone.
    if (request.is404 || OPEN_ROUTES.has(request.routeOptions.url ?? '')) return
    if (this.draining.begun) throw shuttingDown()
    const caller = this.callerOf(request.headers.authorization)
    request.tenant = caller.tenant
    request.caller = caller
  }

  private callerOf(authorization: string | undefined): Caller {
    if (!this.keys.loaded) throw unavailable('The API keys are not loaded yet. Try again in a moment.')
    const key = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
    if (key === undefined) {
      throw unauthorized('missing_key', 'Send your API key: `Authorization: Bearer <key>`.', 'Bearer')
    }
    const keyHash = hashKey(key)
    const grant = this.keys.grantOfHash(keyHash)
    if (grant === undefined) {
      throw unauthorized('invalid_key', 'This API key is not known here.', 'Bearer error="invalid_token"')
    }
    return { tenant: grant.tenant, scopes: ALL_SCOPES, counts: () => this.keys.grantOfHash(keyHash) !== undefined }
  }
}

function unauthorized(code: string, detail: string, challenge: string): Problem {
  return new Problem(401, code, detail, { headers: { 'www-authenticate': challenge } })
}
