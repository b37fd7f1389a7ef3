import type { Operation } from '../describing/operation.ts'

export const readBlob: Operation = {
  id: 'readBlob',
  group: 'Sessions',
  summary: 'What is too large for an event, byte by byte',
  description: 'What a browser would run is sent as a download.',
  answers: { 200: { description: 'With the type it was stored with.', bytes: true, headers: ['x-spool-session'] } },
  problems: { 404: ['blob_not_found', 'session_not_found'], 410: ['session_erased'] },
}
