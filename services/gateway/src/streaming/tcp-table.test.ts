import { expect, test } from 'vitest'
import { silentPeer } from './tcp-table.ts'

const line = (fields: string, retransmits = 0, probes = 0) =>
  ` 412: ${fields} ${retransmits.toString(16).toUpperCase().padStart(8, '0')}     0 ${String(probes).padStart(8)} 3251 2 0 20 4`

test('who does not acknowledge what is sent again and again is silent', () => {
  const sentAgain = '0100007F:1F90 0200000A:C350 01 00000005:00000000 01:00000A21'
  expect(silentPeer(line(sentAgain, 7), 8080)).toBe('10.0.0.2 50000')
  expect(silentPeer(line(sentAgain, 3), 8080)).toBe('10.0.0.2 50000')
  expect(silentPeer(line(sentAgain, 2), 8080)).toBeNull()
  expect(silentPeer(line(sentAgain, 7), 8081)).toBeNull()
})

test('a slow reader answers the question whether there is room; who is gone does not', () => {
  const probing = '0100007F:1F90 0200000A:C350 01 0001FFFF:00000000 04:00000A21'
  expect(silentPeer(line(probing), 8080)).toBeNull()
  expect(silentPeer(line(probing, 0, 1), 8080)).toBe('10.0.0.2 50000')
})

test('addresses are read as Node writes them', () => {
  const local = '0000000000000000FFFF00000100007F:1F90'
  const sentAgain = (to: string) => `${local} ${to}:C350 01 00000005:00000000 01:00000A21`
  expect(silentPeer(line(sentAgain('0000000000000000FFFF00000200000A'), 7), 8080)).toBe('::ffff:10.0.0.2 50000')
  expect(silentPeer(line(sentAgain('B80D0120000000000000000001000000'), 7), 8080)).toBe('2001:db8::1 50000')
})

test.each([
  ['  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'],
  [''],
  // At rest; kept alive; listening; closed by us.
  [line('0100007F:1F90 0200000A:C350 01 00000000:00000000 00:00000000')],
  [line('0100007F:1F90 0200000A:C350 01 00000000:00000000 02:00000000', 9)],
  [line('0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000')],
  [line('0100007F:1F90 0200000A:C350 04 00000005:00000000 01:00000A21', 7)],
])('nothing is read into %j', (other) => {
  expect(silentPeer(other, 8080)).toBeNull()
})
