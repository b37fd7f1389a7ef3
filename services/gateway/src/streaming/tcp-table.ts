import { SocketAddress } from 'node:net'

/** `/proc/net/tcp` and `/proc/net/tcp6`: addresses as words of the processor, the first field being the line's number. */
const LINE = /^ *\d+: (?:\S{8}|\S{32}):(\S{4}) (\S{8}|\S{32}):(\S{4}) (\S\S) \S+ (\S\S):\S+ (\S{8}) +\d+ +(\d+)/
const ESTABLISHED = '01'
/** Which of its clocks runs. */
const RETRANSMITTING = '01'
const PROBING = '04'
/** A packet may be lost, and the next one. */
const MANY_RETRANSMITS = 3
/** Questions become rare with time. One that is on its way is answered by the next look. */
const MANY_PROBES = 1

/**
 * The other side of a connection that has not answered for a while: what was sent is sent again and again, or the question
 * whether there is room for more. (A slow reader answers that, and acknowledges what it was sent.) `null`: any other line.
 */
export function silentPeer(line: string, localPort: number): string | null {
  const [, local, address, port, state, clock, retransmits, probes] = LINE.exec(line) ?? []
  if (address === undefined || state !== ESTABLISHED || Number.parseInt(local!, 16) !== localPort) return null
  const isSilent =
    (clock === RETRANSMITTING && Number.parseInt(retransmits!, 16) >= MANY_RETRANSMITS) ||
    (clock === PROBING && Number(probes) >= MANY_PROBES)
  return isSilent ? nameOf(addressOf(address), Number.parseInt(port!, 16)) : null
}

export function nameOf(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`
}

function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes.swap32()
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  // As Node writes it, too.
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
