import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { placedTerms } from './placed-terms.ts'
import { searchTerms, termsOf } from './terms-of.ts'

const placed = (text: string) => [...placedTerms(text)].map(({ term, start, end }) => [term, text.slice(start, end)])

test('each term is where its word stands, as it is written there', () => {
  expect(placed('Deux CAFÉS, pets')).toEqual([
    ['deux', 'Deux'],
    ['cafe', 'CAFÉS'],
    ['pet', 'pets'],
  ])
  expect(placed('用iPhone拍照')).toEqual([
    ['用', '用'],
    ['iphone', 'iPhone'],
    ['拍', '拍'],
    ['拍照', '拍照'],
    ['照', '照'],
  ])
})

test('all that a text is found by has its places, where characters stay as many as they are', () => {
  const pieces = fc.constantFrom(
    'tea',
    'CAFÉS',
    '茶',
    '道',
    'タ',
    'ワ',
    ' ',
    '-',
    '😀',
    '٣',
    'c++',
    'ｗ',
    '한',
    '글',
    '𠀋',
  )
  const texts = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      const terms = new Set([...placedTerms(text)].map(({ term }) => term))
      expect([...termsOf(text), ...searchTerms(text)].filter((term) => !terms.has(term))).toEqual([])
    }),
  )
})
