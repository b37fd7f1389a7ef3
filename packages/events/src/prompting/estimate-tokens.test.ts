import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clipText, estimateText, estimateTokens, estimateTools } from '../index.ts'
import { commonLimit } from './transcript.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '7', '漢', 'ж', '🌧', '\n'), maxLength: 400 }),
)

describe('the estimate', () => {
  test('is about four letters to a token, and one Chinese character', () => {
    expect(estimateText('The quick brown fox jumps over the lazy dog')).toBe(11)
    expect(estimateText('请用中文回答')).toBe(6)
    expect(estimateText('Привет, мир')).toBe(6)
    expect(estimateText('')).toBe(0)
  })

  test('counts calls, results, tools and files', () => {
    const input = { city: 'Nara', days: [1, 2, 3], deep: { none: null } }
    const call = { type: 'tool-call' as const, toolCallId: 'c1', toolName: 'weather', input }
    const output = { type: 'json' as const, value: { text: 'rain '.repeat(100) } }
    const result = { type: 'tool-result' as const, toolCallId: 'c1', toolName: 'weather', output }
    const file = { type: 'file' as const, mediaType: 'image/png', blob: 'b1' }
    expect(estimateTokens([{ role: 'assistant', content: [call] }])).toBeGreaterThan(25)
    expect(estimateTokens([{ role: 'tool', content: [result] }])).toBeGreaterThan(125)
    expect(estimateTokens([{ role: 'user', content: [file] }])).toBeGreaterThan(1_000)
    expect(estimateTools([{ name: 'weather', input_schema: { type: 'object' } }])).toBeGreaterThan(12)
  })

  test('looks into what is nested deeper than the stack goes', () => {
    let value: unknown = 'core'
    for (let depth = 0; depth < 200_000; depth++) value = [value]
    const output = { type: 'json' as const, value }
    const result = { type: 'tool-result' as const, toolCallId: 'c1', toolName: 'x', output }
    expect(estimateTokens([{ role: 'tool', content: [result] }])).toBeGreaterThan(200_000)
  })
})

describe('a clipped text', () => {
  test('fits, keeps its beginning and its end, and never half a character', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 200 }), (whole, most) => {
        const clipped = clipText(whole, most)
        expect(estimateText(clipped)).toBeLessThanOrEqual(most)
        if (estimateText(whole) <= most) expect(clipped).toBe(whole)
        else if (most > 40) {
          const [head = '', tail = ''] = clipped.split(/\n\[… \d+ characters …\]\n/)
          expect(whole.startsWith(head) && whole.endsWith(tail) && head !== '').toBe(true)
        }
        if (whole.isWellFormed()) expect(clipped.isWellFormed()).toBe(true)
      }),
    )
  })
})

test('the longest are clipped to the same length, so that all together stay within the budget', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), fc.nat(5_000), (sizes, budget) => {
      const limit = commonLimit(sizes, budget)
      const told = sizes.map((size) => Math.min(size, limit)).reduce((sum, size) => sum + size, 0)
      expect(told).toBeLessThanOrEqual(budget)
      const whole = sizes.reduce((sum, size) => sum + size, 0)
      if (whole <= budget) expect(limit).toBe(Infinity)
      else expect(told, 'nothing is given away').toBeGreaterThan(budget - sizes.length)
    }),
  )
})
