/**
 * Keeps secrets out of log lines. This is the second net: code that logs should not hand over a secret to begin with.
 */

const secretKeys = ['authorization', 'Authorization', 'api_key', 'apiKey', 'password', 'secret', 'token', 'cookie']
const inHeaders = ['["x-api-key"]', '["proxy-authorization"]', '["set-cookie"]']

/** Places in a log record whose value is hidden, up to two objects deep. */
export const secretPaths: string[] = [
  ...secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
  ...inHeaders.flatMap((key) => [key, `*${key}`, `*.*${key}`]),
]

const bearer = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi
/** How the keys of providers begin, and ours. */
const knownKeyForms =
  /\b((sk|pk|rk|spool)[-_][\w-]{16,}|AIza[\w-]{20,}|(gsk|hf|r8|fw|csk|ghp)_[A-Za-z0-9]{16,}|(xai|pplx|nvapi|tgp)-[\w-]{16,}|AKIA[A-Z0-9]{12,})/g
const passwordInUrl = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi

/** The same for free text, such as the message of an error that somebody else wrote. */
export function hideSecrets(text: string): string {
  return text.replace(bearer, '$1 [hidden]').replace(knownKeyForms, '[hidden]').replace(passwordInUrl, '$1:[hidden]@')
}
