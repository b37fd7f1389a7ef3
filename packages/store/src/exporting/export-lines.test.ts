import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyOfLine, eventLine } from './export-lines.ts'

const place = { epoch: 1, seq: 7, prev: 3, stored_at: new Date(0), problem: null }

test('a body comes out of its line as it went in, whatever it and what stands before it say', () => {
  const texts = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(fc.json(), texts, texts, fc.option(texts), (body, id, type, trace) => {
      const line = eventLine({ ...place, id, type, trace, body, raw: null })
      expect(line).not.toMatch(/[\r\n]/)
      const parsed = JSON.parse(line) as Record<string, unknown>
      expect(parsed).toMatchObject({ kind: 'event', id, type })
      expect(bodyOfLine(line, parsed)?.toString()).toBe(body)
    }),
  )
})

test.each([
  ['spaces and doubled names', '{ "a" : 1.0, "a":2 }'],
  ['line breaks between its tokens', '{\n  "a": "b"\r\n}'],
  ['escapes that are half characters and none', '{"a":"\\ud800\\u0000"}'],
  ['the name of its own field', '{"x":",\\"body\\":1","body":{"body":2}}'],
])('a body with %s stays as it is', (_what, body) => {
  const line = eventLine({ ...place, id: ',"body":', type: '","body":"', trace: null, body, raw: null })
  expect(bodyOfLine(line, JSON.parse(line))?.toString()).toBe(body)
})

test('bytes that are no text stay as they are', () => {
  const raw = Buffer.from([0xff, 0x00, 0x0a])
  const line = eventLine({ ...place, id: 'i', type: 't', trace: null, problem: 'not UTF-8', body: null, raw })
  expect(bodyOfLine(line, JSON.parse(line))).toEqual(raw)
})
