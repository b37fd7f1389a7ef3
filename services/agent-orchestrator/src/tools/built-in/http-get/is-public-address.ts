import { BlockList, isIP } from 'node:net'

/** Private, shared (CGNAT), this machine, link-local (with the metadata services), tests, multicast. */
const closed = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's platform service: looks public, and is not.
  ['168.63.129.16', 32],
])

/**
 * Of IPv6 only what is given out for the public is open, so all others need no list: loopback, unique-local,
 * link-local, multicast, and those with an IPv4 address inside (mapped, compatible, NAT64).
 */
const globalUnicast = blockList('ipv6', [['2000::', 3]])

/** Within global unicast: Teredo and other protocols, documentation, 6to4 (with an IPv4 address inside). */
const closedUnicast = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address)
    case 6:
      return globalUnicast.check(address, 'ipv6') && !closedUnicast.check(address, 'ipv6')
    default:
      return false
  }
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family)
  return list
}
