import { isAscii } from 'node:buffer'
import type { Msg, MsgHdrs } from '@nats-io/nats-core'
import type { MsgImpl } from '@nats-io/nats-core/internal'

const BEGIN = 'NATS/1.0\r\n'

/**
 * The headers of a message, each looked for when it is asked for. For the path of an event: the client takes all of them
 * apart, and checks the letters of their names, before it tells the first. It does so where they are not as we write them.
 */
export function messageHeaders(message: Msg): Pick<MsgHdrs, 'get'> | undefined {
  const { data, subject, reply } = message
  // They lie right before the body; `size` counts the subject, that of the answer, the headers and the body.
  const length = (message as MsgImpl).size() - subject.length - (reply?.length ?? 0) - data.length
  if (length <= 0) return undefined
  if (data.byteOffset < length) return message.headers
  const bytes = Buffer.from(data.buffer, data.byteOffset - length, length)
  if (!isAscii(bytes)) return message.headers
  const text = bytes.toString('latin1')
  return text.startsWith(BEGIN) ? new HeaderText(text) : message.headers
}

class HeaderText {
  constructor(private readonly text: string) {}

  get(name: string): string {
    const { text } = this
    const at = text.indexOf(`\r\n${name}:`)
    if (at < 0) return ''
    const begin = at + name.length + 3
    return text.slice(begin, text.indexOf('\r\n', begin)).trim()
  }
}
