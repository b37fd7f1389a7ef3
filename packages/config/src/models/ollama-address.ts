import { isBaseUrl } from '../is-base-url.ts'

const ollamaPort = 11434

/**
 * The address that Ollama's own variable stands for: a host, host and port, or a URL. Undefined where it is none of
 * these. The same variable tells the server where to listen, so `0.0.0.0` means this machine.
 */
export function ollamaAddress(host: string): string | undefined {
  const hasScheme = host.includes('://')
  const url = URL.parse(hasScheme ? host : `http://${host}`)
  if (!url || !isBaseUrl(url.href)) return undefined
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = '127.0.0.1'
  if (!hasScheme && !host.endsWith(':80') && url.port === '') url.port = String(ollamaPort)
  return url.href.replace(/\/+$/, '')
}
