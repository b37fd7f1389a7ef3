import { expect, test } from 'vitest'
import { ollamaAddress } from './ollama-address.ts'

test.each([
  ['box', 'http://box:11434'],
  ['box:8080', 'http://box:8080'],
  ['box:80', 'http://box'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['[::]:11434', 'http://127.0.0.1:11434'],
  ['[::1]', 'http://[::1]:11434'],
  ['https://ollama.example', 'https://ollama.example'],
  ['http://box:11434/', 'http://box:11434'],
])('%s stands for %s', (host, address) => {
  expect(ollamaAddress(host)).toBe(address)
})

test.each(['', 'a b', 'ftp://box', 'http://me:secret@box', 'http://box?key=k'])('"%s" is no address', (host) => {
  expect(ollamaAddress(host)).toBeUndefined()
})
