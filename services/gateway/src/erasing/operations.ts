import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { cursor, identifier } from '../describing/scalars.ts'

export const eraseSession: Operation = {
  id: 'eraseSession',
  group: 'Sessions',
  summary: 'Erase a session everywhere',
  description: 'Any use of its id afterwards is 410, for good.',
  query: { memories: z.enum(['true', 'false']).optional().describe('Whether what agents remember of it goes, too.') },
  answers: {
    200: {
      description: 'Nothing is left of it but a tombstone. Again: the same.',
      json: z.object({ session: identifier, erased: z.literal(true), cursor }),
      headers: ['x-spool-session'],
    },
  },
  problems: { 404: ['session_not_found'] },
}
