import { isId, isScope, type Scope } from '@spool/log'

/** Clocks of issuers are not ours. */
export const CLOCK_SKEW_SECONDS = 30

const MOST_OF_A_NAME = 256

/** What a token says of who shows it. */
export interface TokenClaims {
  readonly tenant: string
  readonly subject: string
  readonly scopes: ReadonlySet<Scope>
  readonly endsAtMs: number
}

export interface ClaimNames {
  readonly tenant: string
  readonly subject: string
}

/** A chat for the person that the token names. More has to be said. */
const USUAL_SCOPES: readonly Scope[] = ['read', 'run']

/** What the claims of a token come to, once its signature and its times were found right; or why they come to nothing. */
export function readClaims(claims: Readonly<Record<string, unknown>>, names: ClaimNames): TokenClaims | string {
  const tenant = named(claimAt(claims, names.tenant))
  if (tenant === undefined || !isId(tenant)) {
    return `the claim ${names.tenant} must name a tenant: 1 to 128 letters, digits, "-" or "_"`
  }
  const subject = named(claimAt(claims, names.subject))
  if (subject === undefined || subject === '' || subject.length > MOST_OF_A_NAME) {
    return `the claim ${names.subject} must name the user, with at most ${MOST_OF_A_NAME} characters`
  }
  const { exp } = claims
  if (typeof exp !== 'number') return 'the claim exp must say when it ends'
  return { tenant, subject, scopes: scopesOf(claims), endsAtMs: (exp + CLOCK_SKEW_SECONDS) * 1000 }
}

/** The claim of that very name, which may be a URL; else the one in the maps that it leads through. */
function claimAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let here: unknown = claims
  for (const part of name.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string, unknown>)[part]
  }
  return here
}

/** Ids are often numbers. Beyond what JSON can carry exactly two of them could become one. */
function named(value: unknown): string | undefined {
  return typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : undefined
}

/** Of words that are not ours nothing follows: a token for something else gives no right here. */
function scopesOf({ scope, scopes }: Readonly<Record<string, unknown>>): ReadonlySet<Scope> {
  const said = [scope, scopes].filter((claim) => claim !== undefined)
  if (said.length === 0) return new Set(USUAL_SCOPES)
  const words = said.flatMap((claim) =>
    Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/\s+/) : [],
  )
  return new Set(words.map((word) => String(word).replace(/^spool:/, '')).filter(isScope))
}
