import { type IncomingMessage, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Address } from './check-address.ts'

export interface Request {
  readonly url: URL
  readonly accept: string
  /** The only ones that are connected to: nobody resolves the name a second time. */
  readonly addresses: readonly Address[]
  readonly signal: AbortSignal
}

/**
 * One GET, no redirects followed. node:http rather than fetch: its connection takes our addresses as they are, and it
 * knows nothing of cookies, credentials and proxies (an agent of our own has none, whatever the environment says).
 */
export function getOnce({ url, accept, addresses, signal }: Request): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_host, options, callback) => {
    const wanted = addresses.filter(({ family }) => !options.family || options.family === family)
    const [first] = wanted
    if (options.all) callback(null, [...wanted])
    else if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '')
    else callback(null, first.address, first.family)
  }
  const headers = { accept, 'accept-encoding': 'gzip', 'user-agent': 'Spool', connection: 'close' }
  const secure = url.protocol === 'https:'
  const agent = secure ? new HttpsAgent({ proxyEnv: {} }) : new HttpAgent({ proxyEnv: {} })
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, { agent, headers, lookup, signal }, resolve)
    request.on('error', reject)
    // Of an answer that wants another protocol Node.js says nothing more than this.
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('it wants another protocol'))
    })
    request.end()
  })
}
