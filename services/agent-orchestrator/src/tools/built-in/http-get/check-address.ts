import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ToolError } from '../../tool-error.ts'
import { type AllowList, hostOf } from './allow-list.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

export type Resolve = (host: string) => Promise<readonly Address[]>

/** The system's own: also what /etc/hosts and search domains say, which is what makes checking the outcome needful. */
export const resolveBySystem: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' })

/** Those addresses of the host that may be connected to. Whoever connects takes these and asks no resolver again. */
export async function checkedAddresses(url: URL, allowList: AllowList, resolve: Resolve): Promise<readonly Address[]> {
  const host = hostOf(url)
  const family = isIP(host)
  const found = family === 0 ? await resolved(host, resolve) : [{ address: host, family }]
  const open = found.filter(({ address }) => allowList.mayConnect(address, url))
  if (open.length > 0) return open
  throw new ToolError('address_refused', `${host} leads to an address that is not public. It is not asked.`)
}

async function resolved(host: string, resolve: Resolve): Promise<readonly Address[]> {
  try {
    return await resolve(host)
  } catch (error) {
    throw new ToolError('host_unknown', `The name ${host} could not be resolved.`, { cause: error })
  }
}
