import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmless, harmlessJson, harmlessLine } from './harmless.ts'

test('text is left as it is, with its lines and tabs', () => {
  const text = 'Grüße, 世界 👩‍🚀\n\tשלום\n'
  expect(harmless(text)).toBe(text)
})

test('an escape sequence is shown and not obeyed', () => {
  expect(harmless('\u001B[2Jgone \u001B]0;title\u0007')).toBe('␛[2Jgone ␛]0;title␇')
  expect(harmless('\u009B31m')).toBe('<U+009B>31m')
})

test('what would overwrite a line or turn it around is shown', () => {
  expect(harmless('rm -rf\rls')).toBe('rm -rf␍ls')
  expect(harmless('safe\u202Egnp.exe')).toBe('safe<U+202E>gnp.exe')
  expect(harmless('a\r\nb')).toBe('a\nb')
})

test('one line stays one line', () => {
  expect(harmlessLine('a\n\tb\u2028c')).toBe('a⏎ b<U+2028>c')
})

test('of whatever text, nothing is left that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      // oxlint-disable-next-line no-control-regex
      expect(harmless(text)).not.toMatch(/[\0-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/)
      expect(harmlessLine(text)).not.toMatch(/[\n\t]/)
    }),
  )
})

test('JSON says the same, and a terminal obeys nothing in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const json = harmlessJson(JSON.stringify({ text }))
      expect(JSON.parse(json)).toEqual({ text })
      expect(harmless(json)).toBe(json)
    }),
  )
})

test('however a sequence is cut into tokens, no piece of it is obeyed', () => {
  const sequence = '\u001B]8;;https://example.org\u001B\\here'
  fc.assert(
    fc.property(fc.nat(sequence.length), (cut) => {
      expect(harmless(sequence.slice(0, cut)) + harmless(sequence.slice(cut))).toBe(harmless(sequence))
    }),
  )
})
