import { isUtf8 } from 'node:buffer'
import { formatCursor } from '@spool/events'
import { readableBody, type StoredEvent } from '@spool/log'
import type { Wire } from '../streaming/wire.ts'

const FORMAT = 'websocket'
const NEVER_MS = 2 ** 31 - 1
const CLOSE = Buffer.from('}')

/** `{session, id, event}`: one message of a WebSocket for one event, the stored bytes inside. */
export const SOCKET_WIRE: Wire = {
  // The socket as a whole is kept alive, by pings.
  keepAliveMs: NEVER_MS,
  keepAlive: () => '',
  close: (ending, { session, cursor }) =>
    ending === 'time_limit'
      ? Buffer.from(JSON.stringify({ session, limit: { reason: 'stream_duration', cursor } }))
      : null,
  frames: (event, session) => {
    event.frames ??= {}
    return (event.frames[FORMAT] ??= encode(event, session))
  },
}

function encode(event: StoredEvent, session: string): Uint8Array {
  const head = Buffer.from(`{"session":"${session}","id":"${formatCursor(event)}","event":`)
  const message = Buffer.concat([head, ...readableBody(event, session), CLOSE])
  // One letter that is none would cost the client the whole connection.
  return isUtf8(message) ? message : Buffer.from(message.toString())
}
