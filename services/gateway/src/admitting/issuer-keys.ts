import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
  type JWTVerifyGetKey,
} from 'jose'

const REFRESH_MS = 600_000
/** A token that names a key which we do not know makes us look again, but not oftener than this. */
const LOOK_AGAIN_MS = 10_000
const FETCH_TIMEOUT_MS = 3000
const PAUSE_AFTER_FAILURE_MS = 1000

/** The issuer's keys cannot be read now: whether a token is good is not known. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway'
}

/** It is the token's fault. */
const NOT_THERE = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported] as const

/**
 * The keys that tokens are signed with, as their issuer shows them. Those that are known go on while it cannot be
 * reached, and are read anew every ten minutes, beside the requests.
 */
export class IssuerKeys {
  private failedAtMs = -Infinity
  private readAtMs = -Infinity
  private readonly keys: ReturnType<typeof createRemoteJWKSet>

  constructor(url: string) {
    this.keys = createRemoteJWKSet(new URL(url), {
      cacheMaxAge: Infinity,
      cooldownDuration: LOOK_AGAIN_MS,
      timeoutDuration: FETCH_TIMEOUT_MS,
      [customFetch]: (address, options) => this.read(address, options),
    })
  }

  readonly get: JWTVerifyGetKey = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    if (this.keys.jwks() !== undefined && Date.now() - this.readAtMs > REFRESH_MS && !this.keys.reloading) {
      void this.keys.reload().catch(() => undefined)
    }
    try {
      return await this.keys(header, token)
    } catch (error) {
      if (NOT_THERE.some((fault) => error instanceof fault)) throw error
      throw error instanceof IssuerAway ? error : new IssuerAway('what the issuer shows are no keys', { cause: error })
    }
  }

  private async read(...[address, options]: Parameters<typeof fetch>): Promise<Response> {
    if (Date.now() - this.failedAtMs < PAUSE_AFTER_FAILURE_MS)
      throw new IssuerAway('the issuer did not answer a moment ago')
    try {
      const response = await fetch(address, options)
      if (response.status !== 200) throw new Error(`the issuer answers with ${response.status}`)
      this.readAtMs = Date.now()
      return response
    } catch (cause) {
      this.failedAtMs = Date.now()
      throw new IssuerAway('the issuer does not answer', { cause })
    }
  }
}
