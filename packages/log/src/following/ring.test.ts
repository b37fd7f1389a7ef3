import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { StoredEvent } from '../stored-event.ts'
import { Ring } from './ring.ts'

function event(seq: number, prev: number, bytes = 10): StoredEvent {
  return new StoredEvent({ seq, prev, epoch: 1, id: String(seq), type: 'custom.note' }, new Uint8Array(bytes))
}

test('finds what follows a position, as far back as it reaches', () => {
  const ring = new Ring(3, 1000)
  const chain = [event(2, 0), event(5, 2), event(9, 5), event(10, 9)]
  for (const one of chain) ring.push(one)
  expect(ring.after(0)).toBeUndefined()
  expect(ring.after(2)).toBe(chain[1])
  expect(ring.after(5)).toBe(chain[2])
  expect(ring.after(9)).toBe(chain[3])
  expect(ring.after(10)).toBeUndefined()
  expect(ring.after(7)).toBeUndefined()
})

test('holds no more bytes than it may, but always the newest event', () => {
  const ring = new Ring(100, 25)
  ring.push(event(1, 0))
  ring.push(event(2, 1))
  ring.push(event(3, 2))
  expect(ring.after(0)).toBeUndefined()
  expect(ring.after(1)).toBeDefined()
  ring.push(event(4, 3, 500))
  expect(ring.after(2)).toBeUndefined()
  expect(ring.after(3)).toBeDefined()
})

test('frames are kept with the newest events alone, and may be made again', () => {
  const ring = new Ring(100, 1000)
  const chain = Array.from({ length: 12 }, (_, i) => event(i + 1, i))
  for (const one of chain) {
    one.frames = { sse: new Uint8Array(1) }
    ring.push(one)
  }
  expect(chain.map(({ frames }) => frames !== undefined)).toEqual(chain.map((_, i) => i >= 4))
  chain[0]!.frames = { sse: new Uint8Array(1) }
  ring.push(event(13, 12))
  expect(chain[0]!.frames).toBeDefined()
})

test('is always an unbroken end of the chain', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(40)), (count, maxEvents, sizes) => {
      const ring = new Ring(maxEvents, 100)
      const chain = Array.from({ length: count }, (_, i) => event(2 * i + 2, 2 * i, sizes[i % sizes.length] ?? 10))
      for (const one of chain) ring.push(one)
      const held = chain.filter(({ prev }) => ring.after(prev) !== undefined)
      expect(held).toEqual(chain.slice(chain.length - held.length))
      expect(held.length).toBeLessThanOrEqual(maxEvents)
      expect(held.length).toBe(Math.max(Math.min(1, count), held.length))
    }),
  )
})
