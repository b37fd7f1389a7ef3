import { hideSecrets } from '@spool/telemetry'

const longestQuote = 300

/** What a provider says, as the end of a text of ours: short, on one line, in visible characters, and without a secret. */
export function quote(message: string, secrets: readonly string[]): string {
  const visible = message.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  const clean = hideSecrets(secrets.flatMap(spellings).reduce((text, one) => text.replaceAll(one, '[hidden]'), visible))
  if (clean === '') return ''
  return ` It says: ${clean.length > longestQuote ? `${clean.slice(0, longestQuote).toWellFormed()}…` : clean}`
}

function spellings(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
}
