import { expect, test } from 'vitest'
import { quote } from './quote.ts'

test('what a provider says stands on one line', () => {
  expect(quote('no:\n  too hot\n', [])).toBe(' It says: no: too hot')
  expect(quote(' \n', [])).toBe('')
})

test('neither our key nor what looks like one is in it', () => {
  expect(quote('the key my.key(1) is wrong, so is sk-0123456789abcdef0123', ['my.key(1)'])).toBe(
    ' It says: the key [hidden] is wrong, so is [hidden]',
  )
})

test('of a long one the beginning is told, and no half character', () => {
  expect(quote(`${'x'.repeat(299)}🧵 and so on`, [])).toBe(` It says: ${'x'.repeat(299)}\u{fffd}…`)
})
