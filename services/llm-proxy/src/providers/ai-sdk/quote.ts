import { hideSecrets } from '@spool/telemetry'

const longestQuote = 300

/** What a provider says, as the end of a text of ours: short, on one line, and without a secret. */
export function quote(message: string, secrets: readonly string[]): string {
  const withoutOurs = secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), message)
  const clean = hideSecrets(withoutOurs).replace(/\s+/g, ' ').trim()
  if (clean === '') return ''
  return ` It says: ${clean.length > longestQuote ? `${clean.slice(0, longestQuote).toWellFormed()}…` : clean}`
}
