import { isIP } from 'node:net'

const host = /^(\*\.)?(\[[\da-f:.]+\]|[^\s/?#@:*[\]\\]+)(?::(\d{1,5}))?$/i

/** `api.example.com`, `*.example.com`, `[::1]`, each also with a port. */
export function isAllowedHost(text: string): boolean {
  const [, star, name = '', port = '1'] = host.exec(text) ?? []
  const url = name === '' ? null : URL.parse(`http://${name}/`)
  if (url === null || Number(port) < 1 || Number(port) > 65_535) return false
  // There is nothing below an address.
  return star === undefined || isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0
}
