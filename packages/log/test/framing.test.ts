import * as fc from 'fast-check'
import { SseParser } from '@spool/client'
import { expect, test } from 'vitest'
import { frameOf, readableBody, StoredEvent } from '../src/index.ts'

const utf8 = new TextEncoder()

const stored = (body: string, type = 'custom.x') =>
  new StoredEvent({ seq: 7, prev: 5, epoch: 2, id: 'id', type }, utf8.encode(body))

const textOf = (event: StoredEvent) => new TextDecoder().decode(frameOf(event, 's1'))

test('a frame is the stored bytes with their place', () => {
  expect(textOf(stored('{"v":1,"text":"Hi"}', 'text.delta'))).toBe(
    'id: 2-7\nevent: text.delta\ndata: {"v":1,"text":"Hi","session":"s1","seq":7,"prev":5}\n\n',
  )
})

test('however many ask for it, it is encoded once', () => {
  const event = stored('{"v":1}')
  expect(frameOf(event, 's1')).toBe(frameOf(event, 's1'))
})

test('any JSON object comes out as it went in, and the place is ours whatever it says', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }),
      (fields) => {
        const body = JSON.stringify({ ...fields, seq: 99, prev: 98, session: 'other' })
        const [frame] = new SseParser().push(frameOf(stored(body), 's1'))
        expect(frame?.id).toBe('2-7')
        expect(JSON.parse(frame!.data)).toEqual({ ...(JSON.parse(body) as object), seq: 7, prev: 5, session: 's1' })
      },
    ),
  )
})

test.each(['', 'null', '[]', '"x"', 'no json', '{"a":\n1}', '{"a":1}\r\ndata: injected'])(
  'what is no object on one line (%j) is one frame all the same',
  (body) => {
    const frames = new SseParser().push(frameOf(stored(body), 's1'))
    expect(frames).toHaveLength(1)
    expect(JSON.parse(frames[0]!.data)).toEqual({
      type: 'custom.x',
      unreadable: body,
      session: 's1',
      seq: 7,
      prev: 5,
    })
  },
)

test.each(['{"a":1}', '{}', '', 'no json', '{no json}', '[]'])('in a document, %j leaves it JSON', (body) => {
  const text = Buffer.concat(readableBody(stored(body), 's1')).toString()
  expect(JSON.parse(text)).toMatchObject({ session: 's1', seq: 7, prev: 5 })
})
