/**
 * A base URL without a slash at its end. Some tools want the version of the API in it, others add that by themselves: a
 * host alone stands for its usual path.
 */
export function baseUrlWith(path: string, baseUrl: string): string {
  const url = URL.parse(baseUrl)
  const whole = url?.pathname === '/' ? new URL(path, url).href : baseUrl
  return whole.replace(/\/+$/, '')
}
