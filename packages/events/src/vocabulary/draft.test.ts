import { expect, test } from 'vitest'
import { draft, encodeEvent, EventTooLarge, InvalidEvent, MAX_EVENT_BYTES, parseEvent } from '../index.ts'

const at = new Date('2026-11-20T09:50:00.007Z')
const fields = { run: 'r1', message: 'm1', sequence: 1 }

test('a draft is stamped with its version, its type and its time', () => {
  expect(draft('text.delta', { ...fields, text: 'Hello' }, at)).toStrictEqual({
    v: 1,
    type: 'text.delta',
    run: 'r1',
    at: '2026-11-20T09:50:00.007Z',
    message: 'm1',
    sequence: 1,
    text: 'Hello',
  })
})

test('a draft carries the time of its making where none is given', () => {
  const before = new Date().toISOString()
  const { at: stamped } = draft('session.titled', { title: 'x' })
  expect(stamped >= before && stamped <= new Date().toISOString()).toBe(true)
})

test('what does not fit its schema is never drafted', () => {
  expect(() => draft('text.delta', { ...fields, sequence: 0, text: 'x' })).toThrow(InvalidEvent)
  expect(() => draft('run.cancel_requested', { run: 'a.b', by: 'u', reason: 'user' })).toThrow(
    'An event of type run.cancel_requested does not fit its schema.',
  )
  expect(() => draft('custom.not a name', { data: 1 })).toThrow(InvalidEvent)
})

test('a custom event takes any data', () => {
  expect(draft('custom.weather.seen', { data: { celsius: 12 } }, at)).toStrictEqual({
    v: 1,
    type: 'custom.weather.seen',
    at: at.toISOString(),
    data: { celsius: 12 },
  })
})

test('NUL, lone surrogates and emoji survive the bytes', () => {
  const text = '\u0000 \ud83d \udc00 👩‍🚀 שלום \u2028'
  const event = draft('text.delta', { ...fields, text }, at)
  const bytes = encodeEvent(event)
  expect(parseEvent(bytes)).toStrictEqual({ ok: true, event })
  expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toContain('\\u0000 \\ud83d \\udc00')
})

test('an event of exactly 256 KiB passes and one byte more is refused', () => {
  const rest = encodeEvent(draft('text.delta', { ...fields, text: '' }, at)).length
  const largest = draft('text.delta', { ...fields, text: 'x'.repeat(MAX_EVENT_BYTES - rest) }, at)
  expect(encodeEvent(largest)).toHaveLength(262_144)
  const error = catching(() => encodeEvent({ ...largest, text: `${largest.text}x` }))
  expect(error).toBeInstanceOf(EventTooLarge)
  expect(error).toMatchObject({ code: 'event_too_large', bytes: 262_145, maxEventBytes: 262_144 })
})

function catching(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
