import { expect, test } from 'vitest'
import type { ClientEvent } from '../client-event.ts'
import { ChainBroken } from '../errors.ts'
import { Chain } from './chain.ts'

const event = (seq: number, prev: number, more: Partial<ClientEvent> = {}): ClientEvent => ({
  cursor: `1-${seq}`,
  type: 'text.delta',
  session: 's',
  seq,
  prev,
  ...more,
})

test('each event follows the one before, however far apart their positions are', () => {
  const chain = new Chain({ epoch: 0, seq: 0 })
  expect(() => [event(3, 0), event(7, 3), event(8, 7)].forEach((next) => chain.follow(next))).not.toThrow()
})

test('an event that was left out is noticed at the next one', () => {
  const chain = new Chain({ epoch: 1, seq: 3 })
  expect(() => chain.follow(event(9, 7))).toThrow(expect.objectContaining({ expected: 3, found: 7, seq: 9 }))
})

test('an event that comes twice is noticed', () => {
  const chain = new Chain(undefined)
  chain.follow(event(3, 2))
  expect(() => chain.follow(event(3, 2))).toThrow(ChainBroken)
})

test('an event that would follow itself is noticed', () => {
  const chain = new Chain({ epoch: 1, seq: 3 })
  expect(() => chain.follow(event(3, 3))).toThrow(ChainBroken)
})

test('who begins at the beginning gets the first event of all', () => {
  expect(() => new Chain({ epoch: 0, seq: 0 }).follow(event(5, 4))).toThrow(ChainBroken)
})

test('a new epoch goes on, an older one does not come back', () => {
  const chain = new Chain({ epoch: 1, seq: 3 })
  chain.follow(event(1_000_004, 3, { cursor: '2-1000004' }))
  expect(() => chain.follow(event(1_000_005, 1_000_004, { cursor: '1-1000005' }))).toThrow(ChainBroken)
})

test('after a reset the chain begins again', () => {
  const chain = new Chain({ epoch: 1, seq: 3 })
  chain.startAgainAt({ epoch: 1, seq: 20 })
  expect(() => chain.follow(event(21, 20))).not.toThrow()
})

test('a cursor from before a run is moved to its first event, and to nothing else', () => {
  const start = event(30, 28, { type: 'run.started', run: 'r' })
  expect(() => new Chain({ epoch: 1, seq: 3 }, 'r').follow(start)).not.toThrow()
  expect(() => new Chain({ epoch: 1, seq: 3 }, 'other').follow(start)).toThrow(ChainBroken)
  expect(() => new Chain({ epoch: 1, seq: 29 }, 'r').follow(start)).toThrow(ChainBroken)
})
