import { z } from 'zod'
import { component } from './schemas.ts'

/** RFC 9457. */
export const problemSchema = component(
  'Problem',
  z.object({
    type: z.string().describe('`urn:spool:problem:<code>`'),
    title: z.string().describe('The status in words.'),
    status: z.int(),
    code: z.string().describe('Stable, for programs.'),
    detail: z.string().describe('For people: what is wrong and what to do.'),
    errors: z
      .array(z.object({ field: z.string(), problem: z.string() }))
      .optional()
      .describe('Of `invalid_body`: each field that does not fit.'),
    request_id: z.string().describe('Of this request, as in the server’s log.'),
  }),
)
