import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { count, instant, nullable } from '../describing/scalars.ts'

const check = z.object({ ok: z.boolean(), detail: z.string().optional() })
const checks = z.record(z.string(), check)
const status = z.enum(['ready', 'not ready'])
const ready = z.object({ status, checks })

const copy = z.object({
  instance: z.string(),
  state: z.enum(['ok', 'left_out', 'probing']),
  failures_in_a_row: count,
  calls: count,
  waiting: count,
  last_error: nullable(z.object({ code: z.string(), at: z.string() })),
  back_at: nullable(z.string()),
})

export const readHealth: Operation = {
  id: 'readHealth',
  group: 'Health',
  summary: 'Whether this process lives',
  open: true,
  answers: { 200: { description: 'It does.', json: z.object({ status: z.literal('ok') }) } },
}

export const readReadiness: Operation = {
  id: 'readReadiness',
  group: 'Health',
  summary: 'Whether a run that is started now would be answered and stored',
  open: true,
  answers: {
    200: { description: 'It would.', json: ready },
    503: { description: 'Not now; `checks` says why.', json: ready, headers: ['retry-after'] },
  },
}

export const readStatus: Operation = {
  id: 'readStatus',
  group: 'Health',
  summary: 'How all of Spool does',
  answers: {
    200: {
      description: 'The services, and the ways to the models.',
      json: z.object({
        status,
        started_at: instant,
        open_streams: count,
        checks,
        models: z.array(
          z.object({
            model: z.string(),
            routes: z.array(
              z.object({
                provider: z.string(),
                model: z.string(),
                state: z.enum(['ok', 'degraded', 'left_out']),
                copies: z.array(copy),
              }),
            ),
          }),
        ),
      }),
    },
  },
}
