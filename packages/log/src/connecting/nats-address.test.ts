import { expect, test } from 'vitest'
import { natsAddress } from './nats-address.ts'

test.each([
  ['nats://127.0.0.1:4222', { servers: ['nats://127.0.0.1:4222'] }],
  ['127.0.0.1', { servers: ['127.0.0.1'] }],
  ['nats://spool:pa55:w%40rd@host:4222', { servers: ['nats://host:4222'], user: 'spool', pass: 'pa55:w@rd' }],
  ['nats://u:50%@host', { servers: ['nats://host'], user: 'u', pass: '50%' }],
  ['tls://secret@host', { servers: ['tls://host'], token: 'secret' }],
  [
    'nats://a:1, nats://u:p@b:2,nats://v:q@[::1]:3',
    { servers: ['nats://a:1', 'nats://b:2', 'nats://[::1]:3'], user: 'u', pass: 'p' },
  ],
])('%s', (text, address) => {
  expect(natsAddress(text)).toEqual(address)
  expect(natsAddress(text.split(','))).toEqual(address)
})
