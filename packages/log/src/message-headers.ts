import { isAscii } from 'node:buffer'
import type { Msg, MsgHdrs } from '@nats-io/nats-core'
import type { MsgImpl } from '@nats-io/nats-core/internal'

const BEGIN = 'NATS/1.0\r\n'
/** V8 copies what is shorter. */
const SHORTEST_SLICE = 13

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
  return text.startsWith(BEGIN) ? new HeaderText(bytes, text) : message.headers
}

class HeaderText {
  constructor(
    private readonly bytes: Buffer,
    private readonly text: string,
  ) {}

  /** A string of its own: a slice of the text would keep all of it for as long as anybody keeps the value. */
  get(name: string): string {
    const { bytes, text } = this
    const at = text.indexOf(`\r\n${name}:`)
    if (at < 0) return ''
    let begin = at + name.length + 3
    let end = text.indexOf('\r\n', begin)
    while (begin < end && isSpace(text.charCodeAt(begin))) begin++
    while (begin < end && isSpace(text.charCodeAt(end - 1))) end--
    return end - begin < SHORTEST_SLICE ? text.slice(begin, end) : bytes.toString('latin1', begin, end)
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
