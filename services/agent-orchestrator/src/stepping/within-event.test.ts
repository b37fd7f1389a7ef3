import { blobsOf, draft, encodeEvent } from '@spool/events'
import { expect, test } from 'vitest'
import { contextIn, withinEvent } from './within-event.ts'

const ref = { tenant: 'acme', session: 's1' }
const parts = [{ type: 'text' as const, text: 'hi' }]

test('a large context lies in a blob that the event names, and is what it was', async () => {
  const stored = new Map<string, Uint8Array>()
  const blobs = {
    async put(_ref: object, bytes: Uint8Array) {
      stored.set('B1', bytes)
      return 'B1'
    },
    async get(_ref: object, id: string) {
      const bytes = stored.get(id)
      return bytes === undefined ? null : { bytes, mediaType: 'application/json', size: bytes.length }
    },
  }
  const context = { tool_execution_results: { page: 'é'.repeat(200_000) } }
  const terms = { run: 'r1', kind: 'agent' as const, context }
  for (const event of [draft('run.started', terms), draft('run.queued', { ...terms, message: 'm', parts })]) {
    const light = await withinEvent(blobs, ref, event)
    expect(light).toEqual({ ...event, context: undefined, blob: 'B1' })
    expect(encodeEvent(light).length).toBeLessThan(1000)
    expect(blobsOf(light)).toEqual(['B1'])
  }
  expect(await contextIn(blobs, ref, 'B1')).toEqual({ context })
  expect(await contextIn(blobs, ref, 'B2')).toBeNull()
  const small = draft('run.started', { ...terms, context: { a: 1 } })
  expect(await withinEvent(blobs, ref, small)).toBe(small)
})
