import { errors } from '@nats-io/nats-core'
import { newId } from '@spool/events'
import type { Bus } from '../connecting/bus.ts'
import { ArchiveUnavailable } from '../errors.ts'

/** A refusal by persistence itself, in its words. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused'
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

interface Packet {
  id: string
  response?: string
  err?: unknown
  isDisposed?: boolean
}

/**
 * Questions to persistence, in the format of Nest's NATS transport. An answer is JSON text that comes in pieces,
 * so that none is larger than the server's message limit.
 */
export class Queries {
  constructor(private readonly bus: Bus) {}

  async ask<T>(name: string, data: unknown, timeoutMs = 2000): Promise<T> {
    const pattern = `query.${name}`
    const pieces: string[] = []
    try {
      const replies = await this.bus.nc.requestMany(pattern, JSON.stringify({ pattern, data, id: newId() }), {
        strategy: 'sentinel',
        maxWait: timeoutMs,
      })
      for await (const reply of replies) {
        if (reply.data.length === 0) break
        const packet = reply.json<Packet>()
        if (packet.err !== undefined) throw refusal(packet.err)
        if (packet.response !== undefined) pieces.push(packet.response)
        if (packet.isDisposed) return JSON.parse(pieces.join('')) as T
      }
    } catch (error) {
      if (error instanceof QueryRefused || error instanceof errors.ClosedConnectionError) throw error
      throw new ArchiveUnavailable(error)
    }
    throw new ArchiveUnavailable()
  }
}

/** What a handler in persistence throws as `{ code, message }` arrives as it is. */
function refusal(err: unknown): Error {
  if (typeof err === 'object' && err !== null && 'code' in err && 'message' in err) {
    return new QueryRefused(String(err.code), String(err.message))
  }
  return new ArchiveUnavailable(err)
}
