import type { Attributes } from '@opentelemetry/api'
import { genAiAttributes } from '@spool/telemetry'

/** Where the providers' packages go when no address is given. */
const usualHosts: Readonly<Record<string, string>> = {
  openai: 'api.openai.com',
  anthropic: 'api.anthropic.com',
  google: 'generativelanguage.googleapis.com',
}

/** The server that a call goes to. Of the address only host and port: the rest may hold a key. */
export function serverOf(provider: string, baseUrl?: string): Attributes {
  const host = usualHosts[provider]
  const url = URL.parse(baseUrl ?? (host === undefined ? '' : `https://${host}`))
  if (url === null) return {}
  return {
    [genAiAttributes.serverAddress]: url.hostname.replaceAll(/^\[|\]$/g, ''),
    [genAiAttributes.serverPort]: Number(url.port) || (url.protocol === 'http:' ? 80 : 443),
  }
}
