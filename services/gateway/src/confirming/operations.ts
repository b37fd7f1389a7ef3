import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { IDEMPOTENCY_KEY } from '../describing/parameters.ts'
import { cursor, identifier } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'
import { confirmBodySchema } from './confirm-body.ts'

const about = { session: identifier, confirmation: identifier, action: z.enum(['confirm', 'modify', 'cancel']) }

export const answerConfirmation: Operation = {
  id: 'answerConfirmation',
  group: 'Questions',
  summary: 'Answer a question',
  description: 'One answer counts; all others hear what happened.',
  headers: [IDEMPOTENCY_KEY],
  body: { schema: component('ConfirmationAnswer', confirmBodySchema), example: { action: 'confirm' } },
  answers: {
    200: {
      description: 'The answer is in the log.',
      json: z.object({ ...about, run: identifier, status: z.literal('accepted'), cursor }),
      headers: ['x-spool-session', 'x-spool-run'],
    },
    202: {
      description: 'Nobody has taken it up yet; it will count.',
      json: z.object({ ...about, status: z.literal('pending'), cursor: z.null() }),
      headers: ['x-spool-session'],
    },
  },
  problems: {
    400: ['invalid_idempotency_key', 'confirmation_needs_text', 'confirmation_input'],
    404: ['session_not_found'],
    409: [
      'confirmation_unknown',
      'confirmation_answered',
      'confirmation_timed_out',
      'confirmation_run_ended',
      'confirmation_changed',
      'request_dropped',
    ],
    410: ['session_erased'],
    413: ['message_too_large', 'input_too_large'],
    500: ['step_failed'],
    503: ['overloaded'],
  },
}
