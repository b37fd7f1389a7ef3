import { expect, test } from 'vitest'
import { blobHeaders } from './blob-headers.ts'

const of = (mediaType: string) => {
  const { 'content-type': type, 'content-disposition': disposition } = blobHeaders({ mediaType, size: 7 })
  return [type, disposition]
}

test.each([
  ['text/plain; charset=utf-8', 'text/plain; charset=utf-8', 'inline'],
  ['application/json', 'application/json', 'inline'],
  ['IMAGE/PNG', 'IMAGE/PNG', 'inline'],
  ['application/pdf', 'application/pdf', 'inline'],
  ['image/svg+xml', 'image/svg+xml', 'attachment'],
  ['text/html; charset=utf-8', 'text/html; charset=utf-8', 'attachment'],
  ['application/zip', 'application/zip', 'attachment'],
  ['text/plain, text/html', 'application/octet-stream', 'attachment'],
  ['text/plain\r\nset-cookie: a=b', 'application/octet-stream', 'attachment'],
  ['text/plain\n', 'application/octet-stream', 'attachment'],
  ['', 'application/octet-stream', 'attachment'],
])('%j is served as %j, %s', (mediaType, type, disposition) => {
  expect(of(mediaType)).toEqual([type, disposition])
})

test('whatever it is, a browser neither guesses nor runs it', () => {
  expect(blobHeaders({ mediaType: 'text/html', size: 7 })).toMatchObject({
    'content-length': '7',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
})
