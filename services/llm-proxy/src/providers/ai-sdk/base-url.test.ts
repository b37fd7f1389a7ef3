import { expect, test } from 'vitest'
import { baseUrlWith } from './base-url.ts'

test.each([
  ['https://api.anthropic.com', 'https://api.anthropic.com/v1'],
  ['http://localhost:4000/', 'http://localhost:4000/v1'],
  ['http://localhost:4000/anthropic', 'http://localhost:4000/anthropic'],
  ['https://api.anthropic.com/v1/', 'https://api.anthropic.com/v1'],
])('%s means %s', (baseUrl, meant) => {
  expect(baseUrlWith('/v1', baseUrl)).toBe(meant)
})
