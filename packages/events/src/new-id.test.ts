import { expect, test } from 'vitest'
import { IDENTIFIER, newId } from './index.ts'

test('ids are unique, grow, and can be a token of a subject', () => {
  const ids = Array.from({ length: 5_000 }, () => newId())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toStrictEqual(ids)
  for (const id of ids) expect(id).toMatch(IDENTIFIER)
})
