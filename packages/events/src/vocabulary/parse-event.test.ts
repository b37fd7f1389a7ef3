import { describe, expect, test } from 'vitest'
import { readFixtures } from '../../test/fixtures.ts'
import { CURRENT_VERSIONS, encodeEvent, EVENT_TYPES, isKnown, parseEvent, type SpoolEvent } from '../index.ts'

const fixtures = readFixtures()
const delta = {
  v: 1,
  type: 'text.delta',
  run: 'r1',
  at: '2026-11-20T09:50:00.000Z',
  message: 'm1',
  sequence: 1,
  text: 'x',
}

function parse(body: unknown) {
  return parseEvent(JSON.stringify(body))
}

describe('golden bodies', () => {
  test('every type has a file, and every version of it up to the current one', () => {
    for (const type of EVENT_TYPES) {
      const versions = new Set((fixtures.get(type) ?? []).map((body) => (body as { v: number }).v))
      const expected = Array.from({ length: CURRENT_VERSIONS[type] }, (_, index) => index + 1)
      expect([...versions].toSorted(), type).toStrictEqual(expected)
    }
  })

  test.each([...fixtures])('%s parses, whole and unchanged', (type, bodies) => {
    for (const body of bodies) {
      expect(parse(body)).toStrictEqual({ ok: true, event: body })
      expect((body as SpoolEvent).type).toBe(type)
    }
  })

  test.each([...fixtures])('%s is the same after it was encoded and parsed again', (_, bodies) => {
    for (const body of bodies) {
      expect(parseEvent(encodeEvent(body as SpoolEvent))).toStrictEqual({ ok: true, event: body })
    }
  })

  test.each(EVENT_TYPES)('%s is refused with a reason when a field that it needs is missing or wrong', (type) => {
    const [body] = fixtures.get(type) ?? []
    const { at: _, ...withoutAt } = body as { at: string }
    expect(parse(withoutAt)).toMatchObject({ ok: false, reason: expect.stringContaining('at') })
    expect(parse({ ...(body as object), run: 'a.b' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('run'),
    })
  })
})

describe('a tolerant reader', () => {
  test('takes a type that it does not know as it is', () => {
    const body = { v: 7, type: 'run.paused', run: 'r1', at: 'whenever', until: 3 }
    const parsed = parse(body)
    expect(parsed).toStrictEqual({ ok: true, event: body })
    expect(parsed.ok && isKnown(parsed.event)).toBe(false)
  })

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('is not confused by the type %s', (type) => {
    const parsed = parse({ v: 1, type })
    expect(parsed).toMatchObject({ ok: true })
    expect(parsed.ok && isKnown(parsed.event)).toBe(false)
  })

  test('keeps fields that it does not know', () => {
    const { runStarted } = { runStarted: fixtures.get('run.started')?.[0] as object }
    for (const body of [
      { ...delta, later: { field: 1 } },
      { ...runStarted, later: [1] },
    ]) {
      expect(parse(body)).toStrictEqual({ ok: true, event: body })
    }
  })

  test('says that a version is newer than what it reads', () => {
    expect(parse({ ...delta, v: 2 })).toStrictEqual({
      ok: false,
      reason: 'v: text.delta version 2 is newer than version 1, which this release reads',
      raw: { ...delta, v: 2 },
    })
  })

  test.each([
    ['not JSON', '{"v":1,', '{"v":1,'],
    ['not an object', '[1]', [1]],
    ['not an object', 'null', null],
    ['not an object', '"text.delta"', 'text.delta'],
    ['type: expected a name', '{}', {}],
    ['type: expected a name', '{"type":7}', { type: 7 }],
  ])('gives the reason and what it found: %s', (reason, body, raw) => {
    expect(parseEvent(body)).toStrictEqual({ ok: false, reason, raw })
  })

  test('gives the bytes back where they are no text', () => {
    const raw = new Uint8Array([0x7b, 0xff, 0x7d])
    expect(parseEvent(raw)).toStrictEqual({ ok: false, reason: 'not UTF-8', raw })
  })

  test('names the field that is wrong', () => {
    expect(parse({ ...delta, sequence: 0 })).toMatchObject({ ok: false, reason: expect.stringMatching(/^sequence: /) })
    expect(parse({ ...delta, text: 4 })).toMatchObject({ ok: false, reason: expect.stringMatching(/^text: /) })
    expect(parse({ ...delta, at: '2026-11-20T09:50:00Z' })).toMatchObject({ reason: expect.stringMatching(/^at: /) })
  })

  test('refuses a custom type whose name is none', () => {
    for (const type of ['custom.', 'custom.a b', 'custom..a', 'custom.ü']) {
      expect(parse({ v: 1, type, at: delta.at })).toMatchObject({ ok: false })
    }
  })
})
