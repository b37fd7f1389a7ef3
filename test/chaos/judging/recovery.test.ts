import { expect, test } from 'vitest'
import type { ClientKind, ClientLog } from '../client-log.ts'
import { recoveries } from './recovery.ts'

/** Of a client that was told an answer: when it was asked for, and when its tokens came. */
function told(kind: ClientKind, message: string, ...at: number[]): ClientLog {
  const about = { session: 's', run: null, after: null, frames: [], isOver: true, reconnects: 0, faults: [] }
  const events = at.map((_, index) => ({
    ...(index === 0 ? { type: 'message.requested', purpose: 'answer' } : { type: 'text.delta' }),
    message,
    seq: index + 1,
    prev: index,
  }))
  return { ...about, kind, events, at }
}

const fault = (kind: string, at: number, overAt = at) => ({ kind, target: 'x', at, overAt })

test('from a fault to the next token of whoever waits for one', async () => {
  const clients = [told('run', 'a', 0, 100, 200, 950), told('session', 'b', 140, 260), told('web-socket', 'c', 0, 90)]
  const { kill, freeze, all } = await recoveries(
    [fault('kill', 150), fault('freeze', 300, 900), fault('freeze', 960)],
    clients,
  )
  expect(kill).toEqual({ count: 2, p50: 50, p99: 110, most: 110 })
  expect(freeze).toEqual({ count: 1, p50: 650, p99: 650, most: 650 })
  expect(all).toEqual({ count: 3, p50: 110, p99: 650, most: 650 })
})

test('those who take their own time do not count, nor does what nobody waited for', async () => {
  const clients = [told('slow', 'a', 0, 100, 900), told('cutting', 'b', 0, 100, 900), told('run', 'c', 0, 100)]
  expect(await recoveries([fault('kill', 150)], clients)).toEqual({
    all: { count: 0, p50: null, p99: null, most: null },
    kill: { count: 0, p50: null, p99: null, most: null },
  })
})

test('every fault counts for itself, also those at the same time', async () => {
  const { all, kill, cut } = await recoveries([fault('kill', 10), fault('cut', 20)], [told('run', 'a', 0, 100)])
  expect([all?.count, kill?.most, cut?.most]).toEqual([2, 90, 80])
})

test('of a hundred the last but one is at the 99th place', async () => {
  const clients = Array.from({ length: 100 }, (_, index) => told('run', `m${index}`, 0, index + 11))
  expect((await recoveries([fault('kill', 10)], clients))['kill']).toEqual({ count: 100, p50: 50, p99: 99, most: 100 })
})
