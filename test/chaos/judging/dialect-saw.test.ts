import { expect, test } from 'vitest'
import type { ClientLog } from '../client-log.ts'
import { dialectFaults } from './dialect-saw.ts'

const opening = ['event: connection\ndata: {"event_type":"connection"}']
const groups = [
  [
    'event: error\ndata: {"event_type":"error","data":{"code":"provider_broken"}}',
    'id: 1-2\nevent: conversation_end\ndata: {"event_type":"conversation_end"}',
  ],
]
const complete = (frames: number, bytes: number) =>
  `event: complete\ndata: {"data":{"events_sent":${frames},"bytes_sent":${bytes},"duration":1}}`

const frames = [...opening, ...groups.flat()]
const bytes = frames.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0)

function faultsOf(closing: readonly string[], seen: readonly string[] = closing) {
  const about = { session: 's', run: 'r', after: null, events: [], at: [], isOver: true, reconnects: 0, faults: [] }
  const client: ClientLog = { ...about, kind: 'dialect planner', frames: [...frames, ...seen] }
  return dialectFaults(client, { opening, groups, closing })
}

test('what went wrong with a run is told, and counted, like all else', () => {
  expect(faultsOf([complete(0, 0)], [complete(3, bytes)])).toEqual([])
  const [, error] = frames as [string, string]
  const fewer = complete(3, bytes - Buffer.byteLength(error) - 2)
  expect(faultsOf([complete(0, 0)], [fewer])).toHaveLength(1)
})

test('why a stream ends too early is told behind the count of its bytes', () => {
  const error = 'event: error\ndata: {"event_type":"error","data":{"code":"reset"}}'
  expect(faultsOf([error, complete(0, 0)], [error, complete(4, bytes)])).toEqual([])
})
