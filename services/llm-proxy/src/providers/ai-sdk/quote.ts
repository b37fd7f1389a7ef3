import { hideSecrets } from '@spool/telemetry'

const longestQuote = 300

/** What a provider says, as the end of a text of ours: short, on one line, in visible characters, and without a secret. */
export function quote(message: string, secrets: readonly string[]): string {
  const visible = message.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  const clean = hidden(visible, secrets)
  if (clean === '') return ''
  return ` It says: ${clean.length > longestQuote ? `${clean.slice(0, longestQuote).toWellFormed()}…` : clean}`
}

/** Without the secrets, and without what else looks like one. */
export function hidden(said: string, secrets: readonly string[]): string {
  return hideSecrets(secrets.flatMap(spellings).reduce((text, one) => text.replaceAll(one, '[hidden]'), said))
}

function spellings(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
}
