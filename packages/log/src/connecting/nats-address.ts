/** Where NATS is, and who we are there, as its client takes them. */
export interface NatsAddress {
  readonly servers: string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
}

/**
 * Reads `nats://user:password@host:port`, or `nats://token@host:port`; several addresses are separated by commas. The
 * client itself leaves out whom a URL names. The servers of one cluster know the same users: the first that is named
 * counts for all.
 */
export function natsAddress(urls: string | readonly string[]): NatsAddress {
  const parsed = (typeof urls === 'string' ? urls.split(',') : urls).map(parse)
  const servers = parsed.map(({ server }) => server)
  return { servers, ...parsed.find(({ who }) => who !== null)?.who }
}

function parse(text: string): { server: string; who: Omit<NatsAddress, 'servers'> | null } {
  const [, scheme = '', userInfo, rest = ''] = /^([a-z]+:\/\/)?(?:(.*)@)?(.*)$/i.exec(text.trim()) ?? []
  const server = `${scheme}${rest}`
  if (userInfo === undefined) return { server, who: null }
  const at = userInfo.indexOf(':')
  if (at === -1) return { server, who: { token: decoded(userInfo) } }
  return { server, who: { user: decoded(userInfo.slice(0, at)), pass: decoded(userInfo.slice(at + 1)) } }
}

/** A password with a bare `%` is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
