import { Inject, Injectable } from '@nestjs/common'
import { errors, jwtVerify, type JWTVerifyOptions, type JWTVerifyResult } from 'jose'
import type { Config } from '../config.ts'
import { unavailable } from '../problems/known-problems.ts'
import { CONFIG } from '../tokens.ts'
import { IssuerAway, IssuerKeys } from './issuer-keys.ts'
import { CLOCK_SKEW_SECONDS, readClaims, type TokenClaims } from './token-claims.ts'

/** What may be verified with a key that everybody may know. With the secret it is HS256 alone: neither is ever taken for the other. */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Why a token is not taken, for people. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

/** Says who shows a token (JWT), where the deployment takes any. */
@Injectable()
export class TokenVerifier {
  private readonly verify: ((token: string) => Promise<JWTVerifyResult>) | null

  constructor(@Inject(CONFIG) private readonly config: Config) {
    const { SPOOL_JWT_SECRET: secret, SPOOL_JWT_JWKS_URL: url } = config
    if (secret !== undefined) {
      const key = new TextEncoder().encode(secret)
      this.verify = (token) => jwtVerify(token, key, this.rules(['HS256']))
    } else if (url !== undefined) {
      const keys = new IssuerKeys(url)
      this.verify = (token) => jwtVerify(token, keys.get, this.rules(PUBLIC_KEY_ALGORITHMS))
    } else this.verify = null
  }

  /** Whether what was shown is to be asked about here. API keys have no dots. */
  takes(shown: string): boolean {
    return this.verify !== null && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(shown)
  }

  /** Throws `TokenRefused`. */
  async claimsOf(token: string): Promise<TokenClaims> {
    const { payload } = await this.verify!(token).catch((error: unknown) => {
      if (error instanceof IssuerAway) {
        throw unavailable(
          'Tokens cannot be checked at the moment: their issuer does not answer. API keys can be used.',
          error,
        )
      }
      throw new TokenRefused(reasonOf(error), { cause: error })
    })
    const { SPOOL_JWT_TENANT_CLAIM: tenant, SPOOL_JWT_SUBJECT_CLAIM: subject } = this.config
    const claims = readClaims(payload, { tenant, subject })
    if (typeof claims === 'string') throw new TokenRefused(claims)
    return claims
  }

  private rules(algorithms: string[]): JWTVerifyOptions {
    const { SPOOL_JWT_ISSUER: issuer, SPOOL_JWT_AUDIENCE: audience } = this.config
    return {
      algorithms,
      clockTolerance: CLOCK_SKEW_SECONDS,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is not what it has to be`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is signed in a way that is not taken here'
  if (error instanceof errors.JWKSNoMatchingKey) return 'its issuer shows no key that it is signed with'
  return 'its signature is not right'
}
