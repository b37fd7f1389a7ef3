import { expect, test } from 'vitest'
import { serverOf } from './server-of.ts'

const server = (address: string, port: number) => ({ 'server.address': address, 'server.port': port })

test.each([
  ['http://127.0.0.1:11434/api', server('127.0.0.1', 11434)],
  ['https://user:secret@models.example/v1?key=secret', server('models.example', 443)],
  ['http://models.example', server('models.example', 80)],
  ['http://[::1]:8000/v1', server('::1', 8000)],
])('of %s nothing but host and port is told', (baseUrl, expected) => {
  expect(serverOf('openai-compatible', baseUrl)).toEqual(expected)
})

test("without an address it is the provider's own, and nothing where it has none", () => {
  expect(serverOf('anthropic')).toEqual(server('api.anthropic.com', 443))
  expect(serverOf('demo')).toEqual({})
  expect(serverOf('openai-compatible', 'not an address')).toEqual({})
})
