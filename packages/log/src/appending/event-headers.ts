import type { MsgHdrs } from '@nats-io/nats-core'
import { Header } from '../stored-event.ts'
import type { Draft } from './chain-writer.ts'

/**
 * What goes beside an event's body: where it belongs, and what it is. For the path of a token: the client's own headers
 * are a map of lists that is searched and checked with each that is set. Of the headers of what is published the client
 * asks for nothing but their bytes.
 */
export function eventHeaders(draft: Draft, expected: number, prev: number): MsgHdrs {
  const trace = draft.trace === undefined ? '' : `${Header.trace}: ${draft.trace}\r\n`
  const lines =
    `NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: ${expected}\r\n` +
    `${Header.id}: ${draft.id}\r\n${Header.prev}: ${prev}\r\n${Header.type}: ${draft.type}\r\n${trace}\r\n`
  return { encode: () => Buffer.from(lines) } as Pick<EncodedHeaders, 'encode'> as EncodedHeaders
}

type EncodedHeaders = MsgHdrs & { encode(): Uint8Array }
