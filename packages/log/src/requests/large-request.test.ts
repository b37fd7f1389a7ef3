import { expect, test } from 'vitest'
import { lightenRequest, wholeRequest } from './large-request.ts'
import type { RunRequest } from './requests.ts'

const ref = { tenant: 'acme', session: 's1' }

const request = (size: number): RunRequest => ({
  request: 'q1',
  run: 'r1',
  message: 'm1',
  parts: [{ type: 'text', text: 'hi' }],
  at: '2026-11-20T10:00:00.000Z',
  when_busy: 'reject',
  on_disconnect: 'continue',
  history: [{ role: 'user', text: '文'.repeat(size / 3) }],
  context: { a: 1 },
  metadata: { page: 'x' },
})

test('a request that is too large for a queue travels as a blob, and what says whose it is travels with its name', async () => {
  const stored: Uint8Array[] = []
  const blobs = {
    async put(_ref: object, bytes: Uint8Array) {
      stored.push(bytes)
      return 'B1'
    },
    async get(_ref: object, id: string) {
      const [bytes] = stored
      return id === 'B1' && bytes ? { bytes, mediaType: 'application/json', size: bytes.length } : null
    },
  }
  const small = request(500_000)
  expect(await lightenRequest(blobs, ref, small)).toBe(small)
  expect(await wholeRequest(blobs, ref, small)).toBe(small)
  expect(stored).toEqual([])
  const large = request(900_000)
  const sent = await lightenRequest(blobs, ref, large)
  const { history: _history, context: _context, metadata: _metadata, ...head } = large
  expect(sent).toEqual({ ...head, parts: [], blob: 'B1' })
  expect(await wholeRequest(blobs, ref, sent)).toEqual(large)
  expect(await wholeRequest(blobs, ref, { ...sent, blob: 'B2' })).toBeNull()
})
