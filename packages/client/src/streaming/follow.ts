import { Backoff, wait } from '../calling/backoff.ts'
import type { Call, Connection } from '../calling/connection.ts'
import type { ClientEvent, ResetEvent } from '../client-event.ts'
import { type Cursor, positionOf } from '../cursor.ts'
import { Chain } from './chain.ts'
import { readFrames } from './read-frames.ts'
import type { SseFrame } from './sse-parser.ts'

export interface Following {
  readonly connection: Connection
  /** The call that goes on after a cursor. */
  readonly callAfter: (cursor: Cursor | undefined) => Call
  readonly chain: Chain
  readonly after?: Cursor | undefined
  /** A response that is there already. */
  readonly first?: Response | undefined
  /** Whether the stream is over once the server has ended it. Without it, only when the server says so (204). */
  readonly isLast?: (event: ClientEvent) => boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Events after a cursor, one unbroken chain, through any number of connections. Ends when the server says that
 * nothing will follow; throws `ChainBroken`, `Refused`, or the signal's reason.
 */
export async function* follow(following: Following): AsyncGenerator<ClientEvent, void, undefined> {
  const { connection, chain, signal } = following
  const backoff = new Backoff(connection.backoff)
  let cursor = following.after
  let over = false
  for (let response = following.first; ; response = undefined) {
    const outcome =
      response === undefined
        ? await connection.attempt({ ...following.callAfter(cursor), signal })
        : ({ ok: true, response } as const)
    if (outcome.ok) {
      if (outcome.response.status === 204) return
      const onRetry = (retryMs: number) => backoff.startFrom(retryMs)
      for await (const frame of readFrames(outcome.response, { silenceMs: connection.silenceMs, onRetry })) {
        backoff.succeeded()
        const event = eventOf(frame)
        if (event === undefined) continue
        if (event.type === 'reset') chain.startAgainAt(positionOf(event.cursor))
        else chain.follow(event)
        cursor = event.cursor
        over = following.isLast?.(event) ?? false
        yield event
      }
      signal?.throwIfAborted()
      if (over) return
    }
    await wait(backoff.nextMs(outcome.ok ? 0 : outcome.retryAfterMs), signal)
  }
}

/** Frames without an id are no events of the session. */
function eventOf(frame: SseFrame): ClientEvent | undefined {
  if (frame.id === undefined) return undefined
  const data = dataOf(frame)
  if (frame.event === 'reset') return resetOf(data)
  const type = typeof data['type'] === 'string' ? data['type'] : frame.event
  return { ...data, type, cursor: frame.id } as unknown as ClientEvent
}

/** What is in the log is delivered, also what is no JSON: but for its place, which the server has written behind it. */
function dataOf({ data }: SseFrame): Record<string, unknown> {
  try {
    return JSON.parse(data) as Record<string, unknown>
  } catch (error) {
    const place = /,?("session":"[^"]*","seq":\d+,"prev":\d+\})$/.exec(data)
    if (place === null) throw error
    return { unreadable: `${data.slice(0, place.index)}}`, ...(JSON.parse(`{${place[1]}`) as object) }
  }
}

function resetOf(data: Record<string, unknown>): ResetEvent {
  const state = (data['session'] ?? {}) as Record<string, unknown>
  const cursor = String(data['cursor'])
  const seq = positionOf(cursor)?.seq ?? 0
  const { reason } = data
  return { type: 'reset', cursor, seq, prev: seq, session: String(state['id'] ?? ''), reason: String(reason), state }
}
