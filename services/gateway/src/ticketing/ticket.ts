import { createHmac, timingSafeEqual } from 'node:crypto'
import { isId, isScope, type Scope } from '@spool/log'

/** What a ticket says. Whoever has it can read that; nobody can change it. */
export interface Ticket {
  readonly tenant: string
  readonly session: string
  readonly scopes: readonly Scope[]
  readonly subject?: string
  /** Of the key that it was made with: when that is revoked, or is over, so is the ticket. */
  readonly keyHash?: string
  /** When the token that it was made with is over. */
  readonly endsAtMs?: number
  /** Until when it opens something. */
  readonly useByMs: number
}

const VERSION = 't1'

export function signTicket(ticket: Ticket, secret: Buffer): string {
  const body = Buffer.from(JSON.stringify(ticket)).toString('base64url')
  return `${VERSION}.${body}.${signature(body, secret).toString('base64url')}`
}

export const looksLikeTicket = (text: string): boolean => /^t1\.[\w-]+\.[\w-]{43}$/.test(text)

/** `undefined`: it was not signed with this secret, or is no ticket. Whether it is still good is another question. */
export function readTicket(text: string, secret: Buffer): Ticket | undefined {
  if (!looksLikeTicket(text)) return undefined
  const [, body = '', signed = ''] = text.split('.')
  // As texts: the last letter has bits that are not read.
  const given = Buffer.from(signed)
  const right = Buffer.from(signature(body, secret).toString('base64url'))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  const ticket = JSON.parse(Buffer.from(body, 'base64url').toString()) as Ticket
  return isId(ticket.tenant) && isId(ticket.session) && ticket.scopes.every(isScope) ? ticket : undefined
}

function signature(body: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(`${VERSION}.${body}`).digest()
}
