import { randomBytes } from 'node:crypto'
import { JetStreamApiError } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { Bus } from '../connecting/bus.ts'

/** Lies beside the keys, and can be none of them: those are called by a hash in hexadecimal digits. */
export const TICKET_SECRET = 'ticket-secret'

const WRONG_LAST_SEQUENCE = 10071

/**
 * What tickets are signed with, the same at every gateway. Whoever needs it first makes it; of two who do so at once one
 * wins, and both have the same. Whoever deletes it makes every ticket that is out worthless.
 */
export async function ticketSecret(bus: Bus): Promise<Buffer> {
  const keys = await new Kvm(bus.js).open('KEYS')
  const made = JSON.stringify({ secret: randomBytes(32).toString('base64url') })
  await keys.create(TICKET_SECRET, made).catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError) || error.code !== WRONG_LAST_SEQUENCE) throw error
  })
  const secret = secretIn((await keys.get(TICKET_SECRET))?.string() ?? '')
  if (secret === undefined) throw new Error('The secret of the tickets in the bucket KEYS cannot be read.')
  return secret
}

export function secretIn(text: string): Buffer | undefined {
  try {
    const { secret } = JSON.parse(text) as { secret?: unknown }
    const bytes = typeof secret === 'string' ? Buffer.from(secret, 'base64url') : Buffer.alloc(0)
    return bytes.length >= 32 ? bytes : undefined
  } catch {
    return undefined
  }
}
