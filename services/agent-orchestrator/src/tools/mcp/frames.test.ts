import { array, assert, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerTooLarge, type FrameEnd, Frames } from './frames.ts'

/** All that comes out, however the bytes are cut. */
function framesOf(end: FrameEnd, text: string, maxBytes: number, cutAt: readonly number[] = []): string[] {
  const frames = new Frames(end, maxBytes)
  const bytes = Buffer.from(text)
  const cuts = [0, ...cutAt.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  const found = cuts.slice(1).flatMap((cut, index) => frames.take(bytes.subarray(cuts[index], cut)))
  return [...found, ...frames.rest()].map(String)
}

const anyCuts = array(nat(), { maxLength: 12 })

test('lines come as they are, however they are cut', () => {
  const text = '{"a":1}\n\n{"b":"ü"}\r\nhalf'
  assert(
    property(anyCuts, (cuts) => {
      expect(framesOf('line', text, 100, cuts)).toStrictEqual(['{"a":1}\n', '\n', '{"b":"ü"}\r\n', 'half'])
    }),
  )
})

test('events come as they are, however they are cut', () => {
  const text = 'id: 1\ndata: x\n\nevent: message\r\ndata: y\r\n\r\n: ping\n\ndata: half'
  assert(
    property(anyCuts, (cuts) => {
      expect(framesOf('event', text, 100, cuts)).toStrictEqual([
        'id: 1\ndata: x\n\n',
        'event: message\r\ndata: y\r\n\r\n',
        ': ping\n\n',
        'data: half',
      ])
    }),
  )
})

const error = (id: number) => ({ jsonrpc: '2.0', id, error: { code: answerTooLarge, message: expect.any(String) } })

describe('an answer that is too large becomes an error with its id', () => {
  const long = 'x'.repeat(5000)
  const answers = [
    ['first', `{"jsonrpc":"2.0","id":7,"result":{"text":"${long}","id":5}}`],
    ['last', `{"result":{"id":5,"text":"${long}"},"jsonrpc":"2.0","id":7}`],
    ['in between', `{"result":{"id":5,"text":"${long}"},"id":7,"jsonrpc":"2.0"}`],
  ]
  test.each(answers)('where the id comes %s', (_, answer) => {
    assert(
      property(anyCuts, (cuts) => {
        const lines = framesOf('line', `{"a":1}\n${answer}\n{"b":1}\n`, 1000, cuts)
        expect(lines.map((line) => JSON.parse(line))).toStrictEqual([{ a: 1 }, error(7), { b: 1 }])
      }),
    )
  })
  test.each(answers)('in an event stream, where the id comes %s', (_, answer) => {
    assert(
      property(anyCuts, (cuts) => {
        const text = `data: {"a":1}\n\nevent: message\nid: e1\ndata: ${answer}\n\ndata: {"b":1}\n\n`
        const [first, stub, last] = framesOf('event', text, 1000, cuts)
        expect([first, last]).toStrictEqual(['data: {"a":1}\n\n', 'data: {"b":1}\n\n'])
        expect(stub).toMatch(/^data: .*\n\n$/)
        expect(JSON.parse(stub!.slice('data: '.length))).toStrictEqual(error(7))
      }),
    )
  })
  test('where it is the whole body', () => {
    const [stub, ...more] = framesOf('end', answers[0]![1]!, 1000, [10, 2000])
    expect(JSON.parse(stub!)).toStrictEqual(error(7))
    expect(more).toStrictEqual([])
  })
})

test('a notification that is too large is left out', () => {
  const told = `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${'x'.repeat(5000)}"}}`
  expect(framesOf('line', `${told}\n{"a":1}\n`, 1000)).toStrictEqual(['{"a":1}\n'])
})

test('what is too large and nobody knows what it is breaks the stream', () => {
  expect(() => framesOf('line', 'x'.repeat(5000), 1000)).toThrow('more than 1000 bytes')
})
