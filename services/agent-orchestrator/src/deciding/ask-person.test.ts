import { expect, test } from 'vitest'
import { hashOf } from './ask-person.ts'

const of = (input: unknown) => hashOf([{ index: 1, description: 'Send', tool: 'send', input }])

test('the order of fields makes no difference to what is agreed to', () => {
  expect(of({ to: 'Ada', text: { a: 1, b: [2] } })).toBe(of({ text: { b: [2], a: 1 }, to: 'Ada' }))
})

test.each([
  [{ to: 'Ada' }, [['to', 'Ada']]],
  [{ to: {} }, { to: [] }],
  [{ to: { a: 1 } }, { to: [['a', 1]] }],
  [['list'], [['list']]],
  [{ to: [1, 2] }, { to: [2, 1] }],
  [{ to: 1 }, { to: '1' }],
  [{}, JSON.parse('{"__proto__":{"to":"Eve"}}')],
])('%j is not %j', (one, other) => {
  expect(of(one)).not.toBe(of(other))
})
