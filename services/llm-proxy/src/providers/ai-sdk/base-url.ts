/** Some tools want the version in their base URL, others add it by themselves: a host alone stands for its usual path. */
export function baseUrlWith(path: string, baseUrl: string): string {
  const url = URL.parse(baseUrl)
  return url?.pathname === '/' ? new URL(path, url).href : baseUrl
}
