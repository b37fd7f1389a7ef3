import { identifier } from '../describing/scalars.ts'
import * as z from 'zod'
import type { Operation } from '../describing/operation.ts'

export const readBlob: Operation = {
  id: 'readBlob',
  group: 'Sessions',
  summary: 'What is too large for an event, byte by byte',
  description: 'What a browser would run is sent as a download.',
  answers: { 200: { description: 'With the type it was stored with.', bytes: true, headers: ['x-spool-session'] } },
  problems: { 404: ['blob_not_found', 'session_not_found'], 410: ['session_erased'] },
}

export const uploadBlob: Operation = {
  id: 'uploadBlob',
  group: 'Sessions',
  summary: 'A file, to be named by a part of a message',
  description: 'At most 10 MiB, of any type. It belongs to its session, which need not be there yet.',
  query: { session: identifier.describe('Whose file it is.') },
  body: { schema: z.string(), example: 'Any bytes.', mediaType: 'application/octet-stream' },
  answers: {
    201: {
      description: 'It is safe. A part names it: `{"type": "file", "blob", "media_type"}`.',
      json: z.object({ session: identifier, blob: identifier, media_type: z.string(), size: z.number() }),
      headers: ['x-spool-session', 'location'],
    },
  },
  problems: { 400: ['empty_file'], 410: ['session_erased'], 503: ['blob_store_full'] },
}
