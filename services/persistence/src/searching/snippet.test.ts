import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PageOfSnippets, snippetOf } from './snippet.ts'
import { wantedOf } from './wanted.ts'

/** With the hits in brackets. */
async function shown(text: string, q: string, page?: PageOfSnippets): Promise<string> {
  const wanted = wantedOf(q)
  if (wanted === null) throw new Error('nothing is wanted')
  return (await snippetOf(text, wanted, page)).map((piece) => (piece.hit ? `[${piece.text}]` : piece.text)).join('')
}

test('the words that were searched for are marked, however they are written', async () => {
  expect(await shown('Two cafés, and CAFE again', 'cafe')).toBe('Two [cafés], and [CAFE] again')
  expect(await shown('ＦＵＬＬ width', 'full')).toBe('[ＦＵＬＬ] width')
  expect(await shown('<b>green</b> & "tea"', 'tea green')).toBe('<b>[green]</b> & "[tea]"')
  expect(await shown('Grün, Gruen und grüne Blätter', 'blatt')).toBe('Grün, Gruen und grüne [Blätter]')
})

test('the last word may be a beginning, the others are whole', async () => {
  expect(await shown('greenish green tea teapot', 'green tea')).toBe('greenish [green] [tea] [teapot]')
  expect(await shown('a b c', 'b')).toBe('a [b] c')
})

test('scripts without spaces are marked where the characters stand', async () => {
  expect(await shown('我很喜欢绿茶。绿茶！', '绿茶')).toBe('我很喜欢[绿茶]。[绿茶]！')
  expect(await shown('他喝茶。茶道', '茶')).toBe('他喝[茶]。[茶]道')
  expect(await shown('東京タワーの夜', '京タワ')).toBe('東[京タワ]ーの夜')
  expect(await shown('用iPhone拍照', 'iphone')).toBe('用[iPhone]拍照')
})

test('of a long text the place of the first hit is shown', async () => {
  const text = `${'some words before it '.repeat(50)}the needle is here${' and words after it'.repeat(50)}`
  const excerpt = await shown(text, 'needle')
  expect(excerpt).toMatch(/^…\S.* the \[needle\] is here and words .*…$/)
  expect(excerpt.length).toBeLessThan(250)
})

test('is always an excerpt of the text, whatever is in it', async () => {
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
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom('tea', 'a', '茶', '茶道', 'x', '1 2'), async (text, q) => {
      const found = await snippetOf(text, wantedOf(q)!)
      const whole = found.map((piece) => piece.text).join('')
      expect(text).toContain(whole.replace(/^…/, '').replace(/…$/, ''))
      expect(whole.length).toBeLessThanOrEqual(260)
      if (text.isWellFormed()) expect(found.every((piece) => piece.text.isWellFormed())).toBe(true)
    }),
  )
})

test('a page of long messages lets others work, and costs no more than a few of them', async () => {
  let turns = 0
  const counting = setInterval(() => turns++, 0)
  const page = new PageOfSnippets()
  const excerpts: string[] = []
  for (let n = 0; n < 100; n++) excerpts.push(await shown(`${'é '.repeat(60_000)}needle`, 'needle', page))
  clearInterval(counting)
  expect(excerpts.filter((excerpt) => excerpt.includes('[needle]'))).toHaveLength(4)
  expect(excerpts.at(-1)).toMatch(/^é é .*…$/)
  expect(turns).toBeGreaterThan(100)
})

test('what has no word in it is nothing to search for', () => {
  for (const q of ['', '  ', '"!?" - (', '😀', '\u0000', '\ud800']) expect(wantedOf(q)).toBeNull()
  expect(wantedOf(`${'word '.repeat(20)}x`)).toEqual({ words: ['word', 'x'], beginning: null })
  expect(wantedOf('&'.repeat(3) + "'); drop :*")).toEqual({ words: [], beginning: 'drop' })
  expect(wantedOf(Array.from({ length: 100 }, (_, n) => `w${n}`).join(' '))!.words).toHaveLength(31)
})
