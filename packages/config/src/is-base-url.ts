/**
 * Whether paths can be added to it to make the addresses of an API. `fetch` refuses a URL with a password, and a query
 * would end up in the middle.
 */
export function isBaseUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false
  return url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}
