import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SseFrame, SseParser } from './sse-parser.ts'

const utf8 = new TextEncoder()

function parse(...chunks: Uint8Array[]): SseFrame[] {
  const parser = new SseParser()
  return chunks.flatMap((chunk) => parser.push(chunk))
}

const parseText = (text: string) => parse(utf8.encode(text))

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ordered = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return ordered.slice(1).map((end, index) => bytes.subarray(ordered[index], end))
}

describe('a frame', () => {
  test('has an id, a type and data', () => {
    expect(parseText('id: 1-7\nevent: text.delta\ndata: {"text":"Hi"}\n\n')).toEqual([
      { id: '1-7', event: 'text.delta', data: '{"text":"Hi"}' },
    ])
  })

  test('has lines of data joined by line feeds, and only one space after the colon is not data', () => {
    expect(parseText('data: a\ndata:b\ndata:  c\ndata\n\n')[0]?.data).toBe('a\nb\n c\n')
  })

  test('without data is none', () => {
    expect(parseText('event: x\nid: 1-1\n\n')).toEqual([])
  })

  test('that the stream breaks off is none', () => {
    expect(parseText('data: whole\n\ndata: half\n')).toMatchObject([{ data: 'whole' }])
  })

  test('does not inherit the id or the type of the one before', () => {
    expect(parseText('id: 1-1\nevent: a\ndata: 1\n\ndata: 2\n\n')[1]).toEqual({
      id: undefined,
      event: 'message',
      data: '2',
    })
  })
})

test('comments, unknown fields and a byte order mark are no part of anything', () => {
  expect(parse(Uint8Array.of(0xef, 0xbb, 0xbf), utf8.encode(': hello\ndata: x\nfoo: bar\n: again\n\n'))).toMatchObject([
    { data: 'x' },
  ])
})

test('an id with a null character is not an id', () => {
  expect(parseText('id: a\0b\ndata: x\n\n')[0]?.id).toBeUndefined()
})

test('retry takes digits only', () => {
  const parser = new SseParser()
  parser.push(utf8.encode('retry: 250\nretry: soon\n'))
  expect(parser.retryMs).toBe(250)
})

test('lines end in CRLF, LF or CR, and a lone CR ends a frame at once', () => {
  expect(parseText('data: a\r\n\r\ndata: b\n\ndata: c\r\r').map(({ data }) => data)).toEqual(['a', 'b', 'c'])
})

test('however the bytes are cut, the frames are the same', () => {
  const lineEnd = fc.constantFrom('\n', '\r', '\r\n')
  const value = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/gu, '·'))
  const line = fc.oneof(
    value.map((text) => `data: ${text}`),
    value.map((text) => `data:${text}`),
    value.map((text) => `: ${text}`),
    value.map((text) => `id: ${text}`),
    value.map((text) => `event: ${text}`),
    fc.constant(''),
    fc.constant(''),
  )
  const stream = fc.array(fc.tuple(line, lineEnd)).map((lines) => lines.map((pair) => pair.join('')).join(''))
  fc.assert(
    fc.property(stream, fc.boolean(), fc.array(fc.nat()), (text, withMark, places) => {
      const bytes = utf8.encode((withMark ? '\uFEFF' : '') + text)
      const whole = parse(bytes)
      expect(parse(...cutAt(bytes, places))).toEqual(whole)
      expect(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
    }),
  )
})

test('what was framed comes out of the parser', () => {
  const frame = fc.record({
    id: fc.tuple(fc.nat(), fc.nat()).map((pair) => pair.join('-')),
    event: fc.constantFrom('text.delta', 'run.completed'),
    data: fc.json(),
  })
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat()), (frames, places) => {
      const text = frames.map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n: \n\n`).join('')
      expect(parse(...cutAt(utf8.encode(text), places))).toEqual(frames)
    }),
  )
})
