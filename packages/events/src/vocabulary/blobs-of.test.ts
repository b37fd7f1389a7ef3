import { expect, test } from 'vitest'
import { schemaOf } from './event.ts'
import { blobsOf } from './blobs-of.ts'
import { draft, EVENT_TYPES, newId, type SpoolEvent } from '../index.ts'

test('every blob that a message, a request, an output or an artifact names is found', () => {
  const parts = [
    { type: 'text', text: 'look' },
    { type: 'image', blob: 'B1' },
    { type: 'file', url: 'https://example.com', media_type: 'text/plain' },
    { type: 'file', blob: 'B2', media_type: 'text/plain' },
  ]
  expect(blobsOf(draft('message.added', { message: newId(), role: 'user', parts } as never) as SpoolEvent)).toEqual([
    'B1',
    'B2',
  ])
  for (const type of ['message.requested', 'tool.completed', 'artifact.created', 'run.started'] as const) {
    expect(blobsOf({ v: 1, type, at: '', blob: 'B3' } as unknown as SpoolEvent)).toEqual(['B3'])
    expect(blobsOf({ v: 1, type, at: '' } as unknown as SpoolEvent)).toEqual([])
  }
  const queued = { v: 1, type: 'run.queued', at: '', parts, blob: 'B3' }
  expect(blobsOf(queued as unknown as SpoolEvent)).toEqual(['B3', 'B1', 'B2'])
})

test('no type of event can name a blob that is overlooked', () => {
  const able = EVENT_TYPES.filter((type) => {
    const shape = (schemaOf(type) as unknown as { shape?: Record<string, unknown> }).shape ?? {}
    return 'blob' in shape || 'parts' in shape
  })
  expect(able.toSorted()).toEqual([
    'artifact.created',
    'message.added',
    'message.requested',
    'run.queued',
    'run.started',
    'tool.completed',
  ])
})

test('what an event of an unknown type says is not taken for a blob', () => {
  expect(blobsOf({ v: 1, type: 'custom.blob', at: '', blob: 'B' } as unknown as SpoolEvent)).toEqual([])
})
