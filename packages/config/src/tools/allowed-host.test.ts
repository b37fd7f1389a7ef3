import { expect, test } from 'vitest'
import { isAllowedHost } from './allowed-host.ts'

test.each(['example.com', '*.example.com', 'EXAMPLE.com:443', '10.0.0.5:8080', '[::1]:9000', 'bücher.example'])(
  '%s is a host',
  (text) => expect(isAllowedHost(text)).toBe(true),
)

test.each([
  '',
  '*',
  '*.',
  '*.*.example.com',
  '*.10.0.0.5',
  '*.[::1]',
  'https://example.com',
  'example.com/path',
  'me@example.com',
  'two words',
  'example.com:0',
  'example.com:65536',
  'example.com:',
  '::1',
])('%j is none', (text) => expect(isAllowedHost(text)).toBe(false))
