import { isId } from '@spool/log'
import { bodyOfLine } from '@spool/store'
import { Fault } from './fault.ts'
import type { Line } from './lines.ts'

type Fields = Readonly<Record<string, unknown>>

export type ReadLine =
  | { readonly kind: 'header'; readonly tenant: string; readonly exportedAt: string }
  | { readonly kind: 'session'; readonly session: string }
  | ReadEvent
  | {
      readonly kind: 'blob'
      readonly blob: string
      readonly mediaType: string
      readonly size: number
      readonly digest: string
    }
  | { readonly kind: 'missing_blob'; readonly blob: string }
  | { readonly kind: 'chunk'; readonly bytes: Buffer }
  | {
      readonly kind: 'end'
      readonly session: string
      readonly events: number
      readonly blobs: number
      readonly last: string
      readonly sha256: string
    }
  | { readonly kind: 'done'; readonly sessions: number; readonly events: number; readonly broken: readonly string[] }

export interface ReadEvent {
  readonly kind: 'event'
  readonly epoch: number
  readonly seq: number
  readonly prev: number
  readonly id: string
  readonly type: string
  readonly trace: string | undefined
  readonly problem: string | undefined
  readonly body: Buffer
}

/** What goes into a header of NATS: there no line ends within a value, and all headers have to fit beside a body. */
const HEADER = /^[^\r\n]{0,1024}$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws Fault */
export function readLine({ number, bytes }: Line): ReadLine {
  const { text, fields } = fieldsOf(number, bytes)
  const wrong = (name: string) => new Fault(number, `its ${name} is missing, or is not what it must be`)
  const string = (name: string): string => {
    const value = fields[name]
    if (typeof value !== 'string') throw wrong(name)
    return value
  }
  const id = (name: string): string => {
    if (!isId(fields[name])) throw wrong(name)
    return fields[name]
  }
  const count = (name: string): number => {
    const value = fields[name]
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(name)
    return value as number
  }
  const ids = (name: string): string[] => {
    const value = fields[name] ?? []
    if (!Array.isArray(value) || !value.every(isId)) throw wrong(name)
    return value
  }
  const optional = (name: string): string | undefined => (fields[name] === undefined ? undefined : string(name))
  const header = (name: string): string => {
    if (!HEADER.test(string(name))) throw wrong(name)
    return string(name)
  }

  if (fields['spool_export'] !== undefined) {
    if (fields['spool_export'] !== 1) {
      throw new Fault(
        number,
        `it is an export of version ${JSON.stringify(fields['spool_export'])}; this release reads version 1`,
      )
    }
    return { kind: 'header', tenant: id('tenant'), exportedAt: string('exported_at') }
  }
  switch (fields['kind']) {
    case 'session':
      return { kind: 'session', session: id('session') }
    case 'event': {
      const body = bodyOfLine(text, fields)
      if (body === null) throw wrong('body')
      const place = { epoch: count('epoch'), seq: count('seq'), prev: count('prev') }
      const trace = fields['trace'] === undefined ? undefined : header('trace')
      const head = { id: string('id'), type: header('type'), trace, problem: optional('problem') }
      return { kind: 'event', ...place, ...head, body }
    }
    case 'blob':
      return {
        kind: 'blob',
        blob: id('blob'),
        mediaType: string('media_type'),
        size: count('size'),
        digest: string('digest'),
      }
    case 'missing_blob':
      return { kind: 'missing_blob', blob: id('blob') }
    case 'chunk':
      return { kind: 'chunk', bytes: Buffer.from(string('data'), 'base64') }
    case 'end':
      return {
        kind: 'end',
        session: id('session'),
        events: count('events'),
        blobs: count('blobs'),
        last: string('last'),
        sha256: string('sha256'),
      }
    case 'done':
      return { kind: 'done', sessions: count('sessions'), events: count('events'), broken: ids('broken') }
    default:
      throw new Fault(number, 'it is no line of an export')
  }
}

function fieldsOf(number: number, bytes: Buffer): { text: string; fields: Fields } {
  try {
    const text = utf8.decode(bytes)
    const fields: unknown = JSON.parse(text)
    if (typeof fields === 'object' && fields !== null) return { text, fields: fields as Fields }
  } catch {
    // Told below.
  }
  throw new Fault(number, number === 1 ? 'it is no export of Spool' : 'it is not JSON')
}
