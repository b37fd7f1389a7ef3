import { expect, test } from 'vitest'
import { searchTerms, termsOf } from './terms-of.ts'

test('words are found whatever their case, width, accents and plural are', () => {
  expect(searchTerms('Deux CAFÉS, ｆｕｌｌ　ｗｉｄｔｈ')).toEqual(['deux', 'cafe', 'full', 'width'])
  expect(searchTerms('cafe')).toEqual(['cafe'])
  expect(searchTerms('Pets pet glass gas c++ C# bus')).toEqual(['pet', 'glass', 'gas', 'c++', 'c#', 'bus'])
})

test('scripts without spaces are found by each two characters', () => {
  expect(searchTerms('我喜欢绿茶。')).toEqual(['我喜', '喜欢', '欢绿', '绿茶'])
  expect(searchTerms('東京タワー')).toEqual(['東京', '京タ', 'タワ', 'ワー'])
  expect(searchTerms('茶')).toEqual(['茶'])
  expect(searchTerms('iPhone用ケースA5')).toEqual(['iphone', '用ケ', 'ケー', 'ース', 'a5'])
})

test('single Chinese characters are enough to be related, kana are not', () => {
  expect(termsOf('喝茶です')).toEqual(['喝茶', '喝', '茶で', '茶', 'です'])
})

test('what is no word is nothing to be found by', () => {
  expect(termsOf(' \u0000… — !? \ud800 😀 ')).toEqual([])
  expect(termsOf(`${'x'.repeat(5000)} ${'長'.repeat(3)}`)).toEqual(['x'.repeat(64), '長長', '長'])
})
