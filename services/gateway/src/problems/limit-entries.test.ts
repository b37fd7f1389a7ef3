import { expect, test } from 'vitest'
import { limitEntries } from './limit-entries.ts'

const many = (count: number) => Array<number>(count).fill(1)
const history = (count: number) => ({ history: [{ content: many(count) }, { content: many(9_999) }] })

test('a body may have long lists, but not so long that reading them holds up everybody else', () => {
  expect(() => limitEntries({ message: many(20_000) })).not.toThrow()
  expect(() => limitEntries({ message: many(20_001) })).toThrow(/message must have at most 20000 entries/)
  expect(() => limitEntries(history(9_999))).not.toThrow()
  expect(() => limitEntries(history(10_000))).toThrow(/history must have/)
})

test('what a client keeps in maps of its own is let be, and so is what is no body', () => {
  expect(() => limitEntries({ results: { measured: many(50_000) } })).not.toThrow()
  for (const none of [undefined, null, 1, 'text', []]) expect(() => limitEntries(none)).not.toThrow()
})
