import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isPublicAddress } from './is-public-address.ts'

interface Entry {
  readonly host: string
  /** `*.host`: what is below it, not itself. */
  readonly below: boolean
  /** undefined: the usual port of the scheme. */
  readonly port: string | undefined
}

/**
 * Which hosts may be asked: `api.example.com`, `*.example.com`, with a port where it is not the usual one.
 *
 * An entry that is a private address with its port (`127.0.0.1:8080`, `[::1]:8080`) is the operator's word that
 * exactly this may be reached, by its address and by any name on the list that leads there.
 */
export class AllowList {
  private readonly entries: readonly Entry[]

  constructor(allow: readonly string[]) {
    this.entries = allow.map(parseEntry)
  }

  hasHost(url: URL): boolean {
    const host = hostOf(url)
    return this.entries.some((entry) => {
      const isPort = entry.port === undefined ? url.port === '' : entry.port === portOf(url)
      return isPort && (entry.below ? host.endsWith(`.${entry.host}`) : host === entry.host)
    })
  }

  mayConnect(address: string, url: URL): boolean {
    if (isPublicAddress(address) && !isOwnAddress(address)) return true
    return this.entries.some(({ host, port }) => host === address && port === portOf(url))
  }
}

/** `[::1]` -> `::1` */
export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

const portOf = (url: URL) => url.port || (url.protocol === 'https:' ? '443' : '80')

/** A public address of this machine: what listens behind it may trust who comes from here. */
function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((infos) => infos?.some((info) => info.address === address))
}

function parseEntry(entry: string): Entry {
  const [, star, name = '', port] = /^(\*\.)?(\[[\da-f:.]+\]|[^\s/?#@:*[\]]+)(?::(\d{1,5}))?$/i.exec(entry) ?? []
  // The URL class spells hosts as it spells those of requests: lower case, punycode, addresses in their usual form.
  const url = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined
  if (name === '' || url === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) {
    throw new Error(
      `tools.http_get.allow: "${entry}" is no host. Write api.example.com, *.example.com or 10.0.0.5:8080.`,
    )
  }
  const host = hostOf(url)
  if (star !== undefined && isIP(host) !== 0) {
    throw new Error(`tools.http_get.allow: "${entry}": there is nothing below an address. Leave out "*.".`)
  }
  return { host, below: star !== undefined, port: port === undefined ? undefined : String(Number(port)) }
}
