import { Inject, Injectable } from '@nestjs/common'
import { type Bus, type KeyWatch, type Scope, ticketSecret } from '@spool/log'
import type { Caller } from '../admitting/caller.ts'
import { unavailable } from '../problems/known-problems.ts'
import { BUS, KEYS } from '../tokens.ts'
import { looksLikeTicket, readTicket, signTicket } from './ticket.ts'

export const TICKET_SECONDS = 60

/** Tickets are signed and not stored: each gateway knows those of every other, also of one that is gone. */
@Injectable()
export class Tickets {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(KEYS) private readonly keys: KeyWatch,
  ) {}

  async issue(
    caller: Caller,
    session: string,
    scopes: readonly Scope[],
    subject: string | undefined,
  ): Promise<{ ticket: string; useByMs: number }> {
    const useByMs = Math.min(Date.now() + TICKET_SECONDS * 1000, caller.endsAtMs ?? Infinity)
    const { tenant, keyHash, endsAtMs } = caller
    const secret = (this.keys.ticketSecret ??= await ticketSecret(this.bus))
    const ticket = {
      tenant,
      session,
      scopes,
      ...(subject !== undefined && { subject }),
      ...(keyHash !== undefined && { keyHash }),
      ...(endsAtMs !== undefined && { endsAtMs }),
      useByMs,
    }
    return { ticket: signTicket(ticket, secret), useByMs }
  }

  /** `undefined`: it is none of ours, or opens nothing any more. */
  callerOf(text: string): Caller | undefined {
    if (!looksLikeTicket(text)) return undefined
    const secret = this.keys.ticketSecret
    if (secret === undefined) throw unavailable('No ticket can be checked yet. Try again in a moment.')
    const ticket = readTicket(text, secret)
    if (ticket === undefined || Date.now() >= ticket.useByMs) return undefined
    const { tenant, session, keyHash, endsAtMs = Infinity, subject } = ticket
    // Once it has opened something that goes on for as long as the key or token behind it would have let it.
    const counts = () =>
      Date.now() < endsAtMs && (keyHash === undefined || this.keys.grantOfHash(keyHash)?.tenant === tenant)
    if (!counts()) return undefined
    return {
      by: 'ticket',
      tenant,
      session,
      scopes: new Set(ticket.scopes),
      ...(subject !== undefined && { subject }),
      counts,
    }
  }
}
