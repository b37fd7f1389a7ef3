/** `api.example.com`, `*.example.com`, `[::1]`, each also with a port. */
export function isAllowedHost(text: string): boolean {
  const host = text.replace(/^\*\./, '')
  const url = URL.parse(`http://${host}`)
  if (url === null || url.hostname === '' || /[\s/?#@*\\]/.test(host)) return false
  // Others stand for the same host in a form that is never compared.
  return url.host === host.toLowerCase() || `${url.host}:80` === host.toLowerCase()
}
