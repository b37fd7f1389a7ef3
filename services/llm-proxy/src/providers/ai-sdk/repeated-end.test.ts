import { array, assert, constantFrom, nat, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RepeatedEnd } from './repeated-end.ts'

function dropped(keptText: string, pieces: readonly string[]): string {
  const end = new RepeatedEnd(keptText)
  return pieces.map((piece) => end.take(piece)).join('') + end.flush()
}

/** The same, in the words of the definition. */
function reference(keptText: string, continuation: string): string {
  for (let length = Math.min(keptText.length, continuation.length); length > 0; length--)
    if (keptText.endsWith(continuation.slice(0, length))) return continuation.slice(length)
  return continuation
}

// Few letters, so that they repeat.
const text = string({ unit: constantFrom('a', 'b', ' ', '🧵') })
const cutUp = (whole: string, cuts: readonly number[]) => {
  const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((one, other) => one - other)
  return ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end))
}

describe('what a continuation repeats', () => {
  test.each([
    ['Once upon a', ['Once upon a time'], ' time'],
    ['Once upon a', ['upon', ' a t', 'ime'], ' time'],
    ['Once upon a', [' time'], ' time'],
    ['Once upon a', ['time'], 'time'],
    ['ha', ['ha ha'], ' ha'],
    ['ha ha', ['ha ha ha'], ' ha'],
    ['ha ha', ['ha ha'], ''],
    ['ab ab', ['ab'], ''],
    ['Once upon a', [], ''],
    ['Once upon a', ['On'], 'On'],
    ['aab', ['aaab'], 'aaab'],
  ])('after %j of %j leaves %j', (keptText, pieces, expected) => {
    expect(dropped(keptText, pieces)).toBe(expected)
  })

  test('is the longest end of the kept text that it begins with, however it is cut up', () => {
    assert(
      property(text, text, nat(), array(nat(), { maxLength: 8 }), (keptText, fresh, from, cuts) => {
        const again = keptText.slice(from % (keptText.length + 1))
        for (const continuation of [fresh, again + fresh])
          expect(dropped(keptText, cutUp(continuation, cuts))).toBe(reference(keptText, continuation))
      }),
      { numRuns: 2000 },
    )
  })

  test('is held back only while it may still be one', () => {
    assert(
      property(text, text, (keptText, continuation) => {
        const end = new RepeatedEnd(keptText)
        let said = ''
        for (let length = 1; length <= continuation.length; length++) {
          said += end.take(continuation.slice(length - 1, length))
          const sofar = continuation.slice(0, length)
          const mayGrow = keptText.slice(0, -1).includes(sofar)
          if (!mayGrow) expect(said).toBe(reference(keptText, sofar))
        }
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['all of it', (keptText: string) => `${keptText} and on`],
    ['none of it, but always nearly', (keptText: string) => `${keptText.slice(1, -1)}!`],
  ])('is found in 200,000 characters token by token, where it repeats %s', (_what, continuationOf) => {
    for (const keptText of ['a'.repeat(200_000), 'word after word '.repeat(12_500)]) {
      const continuation = continuationOf(keptText)
      const pieces = continuation.match(/[^]{1,4}/g) ?? []
      const since = performance.now()
      expect(dropped(keptText, pieces).length).toBeLessThanOrEqual(continuation.length)
      // Far above what it takes; what is not linear takes minutes.
      expect(performance.now() - since).toBeLessThan(2_000)
    }
  })
})
