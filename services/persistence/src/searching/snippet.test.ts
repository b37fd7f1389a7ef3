import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { snippetOf } from './snippet.ts'
import { wantedOf } from './wanted.ts'

/** With the hits in brackets. */
function shown(text: string, q: string): string {
  const wanted = wantedOf(q)
  if (wanted === null) throw new Error('nothing is wanted')
  return snippetOf(text, wanted)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join('')
}

test('the words that were searched for are marked, however they are written', () => {
  expect(shown('Two cafés, and CAFE again', 'cafe')).toBe('Two [cafés], and [CAFE] again')
  expect(shown('ＦＵＬＬ width', 'full')).toBe('[ＦＵＬＬ] width')
  expect(shown('<b>green</b> & "tea"', 'tea green')).toBe('<b>[green]</b> & "[tea]"')
  expect(shown('Grün, Gruen und grüne Blätter', 'blatt')).toBe('Grün, Gruen und grüne [Blätter]')
})

test('the last word may be a beginning, the others are whole', () => {
  expect(shown('greenish green tea teapot', 'green tea')).toBe('greenish [green] [tea] [teapot]')
  expect(shown('a b c', 'b')).toBe('a [b] c')
})

test('scripts without spaces are marked where the characters stand', () => {
  expect(shown('我很喜欢绿茶。绿茶！', '绿茶')).toBe('我很喜欢[绿茶]。[绿茶]！')
  expect(shown('他喝茶。茶道', '茶')).toBe('他喝[茶]。[茶]道')
  expect(shown('東京タワーの夜', '京タワ')).toBe('東[京タワ]ーの夜')
  expect(shown('用iPhone拍照', 'iphone')).toBe('用[iPhone]拍照')
})

test('of a long text the place of the first hit is shown', () => {
  const text = `${'some words before it '.repeat(50)}the needle is here${' and words after it'.repeat(50)}`
  const excerpt = shown(text, 'needle')
  expect(excerpt).toMatch(/^…\S.* the \[needle\] is here and words .*…$/)
  expect(excerpt.length).toBeLessThan(250)
})

test('is always an excerpt of the text, whatever is in it', () => {
  const pieces = fc.constantFrom(
    'a',
    'tea',
    ' ',
    '茶',
    '道',
    '😀',
    '\u0000',
    '\ud83d',
    '\u0301',
    'é',
    '½',
    '!',
    'x'.repeat(90),
  )
  const texts = fc.array(pieces, { maxLength: 120 }).map((all) => all.join(''))
  fc.assert(
    fc.property(texts, fc.constantFrom('tea', 'a', '茶', '茶道', 'x', '1 2'), (text, q) => {
      const found = snippetOf(text, wantedOf(q)!)
      const whole = found.map((piece) => piece.text).join('')
      expect(text).toContain(whole.replace(/^…/, '').replace(/…$/, ''))
      expect(whole.length).toBeLessThanOrEqual(260)
      if (text.isWellFormed()) expect(found.every((piece) => piece.text.isWellFormed())).toBe(true)
    }),
  )
})

test('what has no word in it is nothing to search for', () => {
  for (const q of ['', '  ', '"!?" - (', '😀', '\u0000', '\ud800']) expect(wantedOf(q)).toBeNull()
  expect(wantedOf(`${'word '.repeat(20)}x`)).toEqual({ words: ['word', 'x'], beginning: null })
  expect(wantedOf('&'.repeat(3) + "'); drop :*")).toEqual({ words: [], beginning: 'drop' })
  expect(wantedOf(Array.from({ length: 100 }, (_, n) => `w${n}`).join(' '))!.words).toHaveLength(31)
})
