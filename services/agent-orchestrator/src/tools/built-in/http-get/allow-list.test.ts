import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { AllowList } from './allow-list.ts'
import { isPublicAddress } from './is-public-address.ts'

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::ffff:7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2002:a9fe:a9fe::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'not an address',
  '',
])('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false))

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
  '%j is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

test.each([
  ['api.example.com', 'https://api.example.com/v1', true],
  ['api.example.com', 'http://API.example.com:80/', true],
  ['api.example.com', 'https://api.example.com:8443/', false],
  ['api.example.com', 'https://other.example.com/', false],
  ['api.example.com', 'https://api.example.com.evil.test/', false],
  ['api.example.com', 'https://evilapi.example.com/', false],
  ['api.example.com:8443', 'https://api.example.com:8443/', true],
  ['api.example.com:8443', 'https://api.example.com/', false],
  ['api.example.com:443', 'https://api.example.com/', true],
  ['api.example.com:443', 'http://api.example.com/', false],
  ['*.example.com', 'https://a.example.com/', true],
  ['*.example.com', 'https://a.b.example.com/', true],
  ['*.example.com', 'https://example.com/', false],
  ['*.example.com', 'https://evilexample.com/', false],
  ['münchen.example', 'https://xn--mnchen-3ya.example/', true],
  ['10.0.0.5:8080', 'http://10.0.0.5:8080/', true],
  ['[::1]:8080', 'http://[::1]:8080/', true],
  ['[::1]:8080', 'http://[0:0:0:0:0:0:0:1]:8080/', true],
])('with %s on the list, %s: %s', (entry, url, allowed) =>
  expect(new AllowList([entry]).hasHost(new URL(url))).toBe(allowed),
)

test.each([
  '',
  'https://example.com',
  'example.com/path',
  'user@example.com',
  '*',
  '*.',
  'a*b.example.com',
  'a b',
  'example.com:0',
  'example.com:99999',
  '*.10.0.0.1',
  'example.com:',
])('the entry %j is refused at the start', (entry) =>
  expect(() => new AllowList([entry])).toThrow(/tools\.http_get\.allow/),
)

const url = (text: string) => new URL(text)

test('a private address is reached only where an entry names it with its port', () => {
  const list = new AllowList(['127.0.0.1:8080', '10.0.0.5', '[::1]:9090', 'wiki.example.com:8080'])
  expect(list.mayConnect('127.0.0.1', url('http://wiki.example.com:8080'))).toBe(true)
  expect(list.mayConnect('127.0.0.1', url('http://127.0.0.1:8081'))).toBe(false)
  expect(list.mayConnect('127.0.0.2', url('http://127.0.0.1:8080'))).toBe(false)
  expect(list.mayConnect('10.0.0.5', url('http://10.0.0.5'))).toBe(false)
  expect(list.mayConnect('::1', url('http://[::1]:9090'))).toBe(true)
  expect(list.mayConnect('::ffff:127.0.0.1', url('http://127.0.0.1:8080'))).toBe(false)
})

test('no address of this machine is reached', () => {
  const list = new AllowList(['example.com'])
  for (const info of Object.values(networkInterfaces()).flat()) {
    expect(list.mayConnect(info?.address ?? '', new URL('http://example.com'))).toBe(false)
  }
})
