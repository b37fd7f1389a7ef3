import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readTicket, signTicket, type Ticket } from './ticket.ts'

const secret = randomBytes(32)
const ticket: Ticket = { tenant: 'acme', session: 's', scopes: ['read'], keyHash: 'h', useByMs: 1 }
const signed = signTicket(ticket, secret)

test('a ticket says what it was made with, to whoever has the secret', () => {
  expect(readTicket(signed, secret)).toEqual(ticket)
  expect(readTicket(signed, randomBytes(32))).toBeUndefined()
})

test('a ticket can go into an address as it is', () => {
  expect(encodeURIComponent(signed)).toBe(signed)
})

test('not one character of a ticket can be changed', () => {
  for (let at = 0; at < signed.length; at++) {
    const other = signed[at] === 'A' ? 'B' : 'A'
    expect(readTicket(signed.slice(0, at) + other + signed.slice(at + 1), secret)).toBeUndefined()
  }
})

test.each(['', 't1', 't1..', 't1.e30.', `t2.${signed.slice(3)}`, `${signed}.`, `${signed}=`, 'a.b.c', '💥'])(
  '%j is no ticket',
  (text) => {
    expect(readTicket(text, secret)).toBeUndefined()
  },
)
