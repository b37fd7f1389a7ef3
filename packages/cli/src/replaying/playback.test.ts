import { StoredEvent } from '@spool/log'
import { expect, test } from 'vitest'
import { Playback } from './playback.ts'
import { speedOf } from './speed.ts'

const recordedMs = Date.parse('2026-11-20T09:50:00.000Z')

function event(seq: number, afterMs: number | null): StoredEvent {
  const at = afterMs === null ? undefined : new Date(recordedMs + afterMs).toISOString()
  const body = new TextEncoder().encode(JSON.stringify({ v: 1, type: 'custom.x', at }))
  return new StoredEvent({ seq, prev: seq - 1, epoch: 1, id: 'id', type: 'custom.x' }, body)
}

function playback(speed: number, afterSeq = 0) {
  const clock = { ms: 500 }
  return { clock, played: new Playback(speed, afterSeq, recordedMs, () => clock.ms) }
}

test('events come as far apart as they were recorded, or so many times closer, from the first request on', () => {
  const { clock, played } = playback(10)
  clock.ms = 90_000
  played.start()
  played.start()
  expect([0, 1000, 60_000].map((afterMs) => played.msUntil(event(1, afterMs)))).toEqual([0, 100, 6000])
  clock.ms += 500
  expect([1000, 60_000].map((afterMs) => played.msUntil(event(1, afterMs)))).toEqual([0, 5500])
})

test('who comes later is told at once what the others have been told', () => {
  const { clock, played } = playback(1)
  played.start()
  clock.ms += 3000
  played.start()
  expect([1000, 4000].map((afterMs) => played.msUntil(event(1, afterMs)))).toEqual([0, 1000])
})

test('what lies before the beginning, tells no time, or is played without waiting comes at once', () => {
  const { played } = playback(1, 5)
  played.start()
  expect([event(5, 9000), event(6, null)].map((one) => played.msUntil(one))).toEqual([0, 0])
  const { played: atOnce } = playback(Infinity)
  atOnce.start()
  expect(atOnce.msUntil(event(1, 9e9))).toBe(0)
})

test.each([
  ['1x', 1],
  ['10x', 10],
  ['0.5x', 0.5],
  ['3', 3],
  ['max', Infinity],
])('a speed of %s', (text, speed) => {
  expect(speedOf(text)).toBe(speed)
})

test.each(['', 'x', '0x', '-1x', '1y', 'fast', '1e3x'])('%j is no speed', (text) => {
  expect(() => speedOf(text)).toThrow(/--speed takes/)
})
