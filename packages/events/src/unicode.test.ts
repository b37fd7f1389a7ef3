import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codePoints, splitHalf } from './unicode.ts'

const text = fc.string({ unit: fc.constantFrom('a', '🌧', '\ud83c', '\udf27', '\u0000', 'é') })

test('code points are counted as the language counts them, lone surrogates included', () => {
  expect(codePoints('a🌧\ud83c')).toBe(3)
  fc.assert(
    fc.property(text, (value) => {
      expect(codePoints(value)).toBe([...value].length)
    }),
  )
})

test('half a character at the end is held back, and nothing is lost', () => {
  expect(splitHalf('rain \ud83c')).toStrictEqual({ whole: 'rain ', held: '\ud83c' })
  expect(splitHalf('rain 🌧')).toStrictEqual({ whole: 'rain 🌧', held: '' })
  fc.assert(
    fc.property(text, (value) => {
      const { whole, held } = splitHalf(value)
      expect(whole + held).toBe(value)
      expect(splitHalf(whole).held === '' || value.at(-2) === '\ud83c').toBe(true)
    }),
  )
})

test('a text that was cut anywhere is put together from whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (value, cut) => {
      const first = splitHalf(value.slice(0, cut % (value.length + 1)))
      const second = first.held + value.slice(cut % (value.length + 1))
      expect(codePoints(first.whole) + codePoints(second)).toBe(codePoints(value))
    }),
  )
})
