import { MAX_BLOB_BYTES } from '@spool/log'
import { expect, test } from 'vitest'
import { toolOutput } from './tool-output.ts'

test('what fits is kept as JSON has it', () => {
  expect(toolOutput({ at: new Date(0), none: undefined }, 100)).toEqual({
    kind: 'whole',
    output: { at: '1970-01-01T00:00:00.000Z' },
  })
  for (const nothing of [undefined, null, () => 1]) {
    expect(toolOutput(nothing, 100)).toEqual({ kind: 'whole', output: null })
  }
  expect(toolOutput('abc', 5)).toEqual({ kind: 'whole', output: 'abc' })
})

test('what does not is text with its beginning, or JSON with the beginning of that', () => {
  const text = 'x'.repeat(50)
  expect(toolOutput(text, 12)).toEqual({
    kind: 'large',
    beginning: 'x'.repeat(10),
    bytes: Buffer.from(text),
    mediaType: 'text/plain; charset=utf-8',
  })
  expect(toolOutput([1, 2, 3, 4, 5, 6], 8)).toMatchObject({
    kind: 'large',
    beginning: '[1,2,3',
    mediaType: 'application/json',
  })
})

test('the beginning fits as JSON whatever its characters take, and none is cut in half', () => {
  for (const character of ['é', '語', '😀', '\u0000', '"', '\ud83d']) {
    for (let maxBytes = 0; maxBytes < 40; maxBytes++) {
      const { beginning } = toolOutput(`a${character.repeat(100)}`, maxBytes) as { beginning: string }
      expect(Buffer.byteLength(JSON.stringify(beginning))).toBeLessThanOrEqual(Math.max(2, maxBytes))
      expect(`a${character.repeat(100)}`.startsWith(beginning)).toBe(true)
      expect(beginning.at(-1)?.length === 1 && /[\ud83d]$/.test(beginning) && character === '😀').toBe(false)
    }
  }
})

test('an event takes less than a tool may be allowed to say', () => {
  const { beginning } = toolOutput('x'.repeat(300_000), 1_000_000) as { beginning: string }
  expect(beginning.length).toBe(128 * 1024 - 2)
})

test('nothing larger than a blob may be is kept', () => {
  expect(toolOutput('x'.repeat(MAX_BLOB_BYTES), 100).kind).toBe('large')
  expect(toolOutput('x'.repeat(MAX_BLOB_BYTES + 1), 100).kind).toBe('too-large')
})

test('what JSON cannot hold is an error', () => {
  expect(() => toolOutput(1n, 100)).toThrow(TypeError)
})
