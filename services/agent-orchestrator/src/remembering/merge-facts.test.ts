import { expect, test } from 'vitest'
import { mergeFacts } from './merge-facts.ts'

const facts = (texts: string[], known: { id: string; text: string }[] = []) =>
  mergeFacts(texts.map((text, index) => ({ text, id: `new-${index}`, known })))

test('what is new is remembered under an id of its own', () => {
  expect(facts(['Likes tea', 'Lives in Berlin'], [{ id: 'a', text: 'Has a dog' }])).toEqual([
    { id: 'new-0', text: 'Likes tea' },
    { id: 'new-1', text: 'Lives in Berlin' },
  ])
})

test.each([
  ['The user likes tea.', 'the user  likes TEA'],
  ['用户喜欢绿茶。', '用户喜欢绿茶'],
  ['Ｃａｆé at 5', 'café, at 5!'],
])('%j says nothing new where %j is known', (text, known) => {
  expect(facts([text], [{ id: 'a', text: known }])).toEqual([])
})

test('what says nearly the same takes the place of what is known', () => {
  const known = [
    { id: 'a', text: 'The user has an appointment with the dentist in Berlin on Monday' },
    { id: 'b', text: '用户每个星期一晚上都去健身房锻炼身体' },
  ]
  const now = ['The user has an appointment with the dentist in Berlin on Tuesday', '用户每个星期一晚上都去健身房锻炼']
  expect(facts(now, known)).toEqual([
    { id: 'a', text: now[0] },
    { id: 'b', text: now[1] },
  ])
})

test.each([
  ['The user lives in Munich', 'The user lives in Berlin'],
  ['The user likes tea', 'The user does not like tea'],
  ['用户住在北京', '用户住在上海'],
  ['The user programs in C', 'The user programs in C#'],
  ['The user has 1.5 horses', 'The user has 15 horses'],
  ['…', '!?'],
])('%j is something else than %j', (text, known) => {
  const other = text === '…' ? [] : [{ id: 'new-0', text }]
  expect(facts([text], [{ id: 'a', text: known }])).toEqual(other)
})

test('of facts that say the same the first counts, and a known one is taken up once', () => {
  expect(facts(['Likes green tea', 'likes green tea!', 'Green tea likes'])).toEqual([
    { id: 'new-0', text: 'Likes green tea' },
  ])
  const known = [{ id: 'a', text: 'one two three four five six seven eight nine' }]
  const twice = ['zero two three four five six seven eight nine', 'one two three four five six seven eight ten']
  expect(facts(twice, known).map(({ id }) => id)).toEqual(['a', 'new-1'])
})

test('facts that are found together and differ in a name are several facts', () => {
  const siblings = ['Anna', 'Eva'].map((name) => `The user's sister ${name} lives in Berlin and works there as a nurse`)
  expect(facts(siblings).map(({ text }) => text)).toEqual(siblings)
  expect(facts(['The user does not like green tea', 'The user likes tea'])).toHaveLength(2)
})

test('a sign makes another number of it', () => {
  const now = 'The freezer is set to -8'
  expect(facts([now], [{ id: 'a', text: 'The freezer is set to 8' }])).toEqual([{ id: 'a', text: now }])
})
