import { isIP } from 'node:net'
import { ToolError } from '../../tool-error.ts'
import { type AllowList, hostOf } from './allow-list.ts'

/** A URL that may be asked, as far as one can tell without resolving its host. */
export function checkedUrl(text: string, allowList: AllowList, from?: URL): URL {
  const url = URL.canParse(text, from?.href) ? new URL(text, from) : undefined
  if (url === undefined) throw new ToolError('url_invalid', `"${text.slice(0, 200)}" is no URL.`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ToolError('url_invalid', 'Only http and https URLs can be read.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolError('url_invalid', 'A URL with a user name or password in it is not asked.')
  }
  if (from?.protocol === 'https:' && url.protocol === 'http:') {
    throw new ToolError('redirect_refused', `${from.host} redirects from https to http, which is not followed.`)
  }
  const host = hostOf(url)
  // 2130706433, 0x7f.1 and 017700000001 are all 127.0.0.1: who writes an address so wants it not to be recognised.
  if (isIP(host) === 4 && !text.includes(host) && (from === undefined || hostOf(from) !== host)) {
    throw new ToolError('url_invalid', `Write the address ${host} in its usual form.`)
  }
  if (!allowList.hasHost(url)) {
    const word = from === undefined ? '' : `${from.host} redirects there. `
    throw new ToolError('host_not_allowed', `${url.host} is not on the list of hosts that may be asked. ${word}`.trim())
  }
  url.hash = ''
  return url
}
