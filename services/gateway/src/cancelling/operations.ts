import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { cursor, identifier } from '../describing/scalars.ts'

const headers = ['x-spool-session', 'x-spool-run']

export const cancelRun: Operation = {
  id: 'cancelRun',
  group: 'Runs',
  summary: 'End a run',
  answers: {
    200: {
      description: 'The partial answer is stored and marked. Again: the same.',
      json: z.object({ session: identifier, run: identifier, status: z.literal('cancelled'), cursor }),
      headers,
    },
    202: {
      description: 'Nobody could do it yet; it will be done.',
      json: z.object({ session: identifier, run: identifier, status: z.literal('cancelling'), cursor: z.null() }),
      headers,
    },
  },
  problems: {
    404: ['unknown_run'],
    409: ['run_ended', 'request_dropped'],
    410: ['session_erased'],
    500: ['step_failed'],
    503: ['overloaded'],
  },
}
