import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client'
import { expect, test } from 'vitest'
import { readResult } from './read-result.ts'

const text = (line: string): ContentBlock => ({ type: 'text', text: line })
const blob = Buffer.from('abc').toString('base64')

test.each<[string, CallToolResult, unknown]>([
  ['nothing', { content: [] }, null],
  ['texts', { content: [text('a'), text('b')] }, 'a\nb'],
  ['a value, whatever its text', { content: [text('{"a":1}')], structuredContent: { a: 1 } }, { a: 1 }],
  ['an image', { content: [{ type: 'image', data: blob, mimeType: 'image/png' }] }, '[image/png, 3 bytes]'],
  ['a sound', { content: [{ type: 'audio', data: blob, mimeType: 'audio/wav' }] }, '[audio/wav, 3 bytes]'],
  [
    'a link',
    { content: [{ type: 'resource_link', name: 'n', uri: 'x://y', mimeType: 'text/csv' }] },
    '[n, x://y, text/csv]',
  ],
  ['a file of text', { content: [{ type: 'resource', resource: { uri: 'x://y', text: 'hi' } }] }, 'hi'],
  ['a file', { content: [{ type: 'resource', resource: { uri: 'x://y', blob } }] }, '[x://y, no media type, 3 bytes]'],
])('a model is given of %s', (_, result, output) => {
  expect(readResult(result)).toStrictEqual(output)
})

test('an error of the tool is told in its words', () => {
  expect(() => readResult({ isError: true, content: [text('no such file')] })).toThrow('no such file')
  expect(() => readResult({ isError: true, content: [] })).toThrow('does not say why')
})
