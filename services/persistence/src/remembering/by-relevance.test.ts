import { termsOf } from '@spool/events'
import { expect, test } from 'vitest'
import { byRelevance } from './by-relevance.ts'

const sorted = (known: string[], asked: string) =>
  byRelevance(
    known.map((text) => ({ text })),
    new Set(termsOf(asked)),
  ).map(({ text }) => text)

test('what few have in common with the question counts more than what all have', () => {
  const known = ['The user is in the choir of the town', 'The user has a dog', 'The user is a nurse of sick children']
  expect(sorted(known, 'What is the name of the dog of the user?')[0]).toBe('The user has a dog')
})

test('what is equally relevant stays in its order', () => {
  expect(sorted(['newest', 'dogs', 'newer', 'old'], 'dog')).toEqual(['dogs', 'newest', 'newer', 'old'])
  expect(sorted(['newest', 'newer'], '')).toEqual(['newest', 'newer'])
})
