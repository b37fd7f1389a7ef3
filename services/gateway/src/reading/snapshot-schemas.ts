import { confirmationModeSchema, limitsSchema, partSchema } from '@spool/events'
import { z } from 'zod'
import { component } from '../describing/schemas.ts'
import { anything, count, cursor, identifier, instant, nullable, position } from '../describing/scalars.ts'

/** What snapshots look like. Persistence makes them; a test holds its answers against these. */

export const part = component('Part', partSchema)

export const usage = component(
  'Usage',
  z.object({ input_tokens: count, output_tokens: count, cached_tokens: count, reasoning_tokens: count }),
)

export const atCursor = cursor.describe('Where the snapshot stands: follow from here and nothing is missed.')

const task = component(
  'Task',
  z.object({
    index: z.int().min(1),
    description: z.string(),
    tool: z.string().optional(),
    input: z.unknown().optional(),
  }),
)

export const question = component(
  'Question',
  z.object({
    id: identifier,
    run: identifier,
    kind: z.enum(['plan', 'tool']),
    round: z.int().min(1),
    prompt: z.string(),
    tasks: z.array(task),
    call: nullable(identifier),
    hash: z.string().describe('Of exactly what will be done.'),
    options: z.array(z.enum(['confirm', 'modify', 'cancel'])),
    timeout_seconds: z.number(),
    deadline: instant,
    asked_at: instant,
    resolution: nullable(
      z.object({
        action: z.enum(['confirm', 'modify', 'cancel', 'timeout']),
        message: nullable(z.string()),
        input_before: z.unknown(),
        input_after: z.unknown(),
        by: z.string(),
        via: z.string(),
        request: nullable(identifier),
        at: instant,
      }),
    ).describe('Null while it waits.'),
    first_seq: position,
    last_seq: position,
  }),
)

const header = {
  id: identifier,
  title: nullable(z.string()),
  phase: z.enum(['idle', 'awaiting_llm', 'streaming_llm', 'processing', 'awaiting_confirmation', 'acting', 'external']),
  agent: nullable(z.string()),
  language: nullable(z.string()),
  active_run: nullable(identifier),
  forked_from: nullable(z.object({ session: identifier, cursor, whole: z.boolean() })),
  usage,
  created_at: nullable(instant),
  updated_at: nullable(instant),
  first_seq: position,
  last_seq: position,
}

export const session = component(
  'Session',
  z.object({
    ...header,
    queued_runs: z.array(identifier),
    question: nullable(question),
    erased: z.boolean(),
  }),
)

export const listedSession = component('ListedSession', z.object({ ...header, cursor }))

const reasoningPart = z.object({ type: z.literal('reasoning'), text: z.string() })
const callPart = z.object({
  type: z.literal('tool_call'),
  call: identifier,
  name: z.string(),
  text: z.string().describe('The arguments as they streamed.'),
  input: z.unknown().optional(),
})

const streaming = z.object({
  chunks_count: count,
  started_at: nullable(instant),
  completed_at: nullable(instant),
  first_token_ms: nullable(z.number()),
  total_duration_ms: nullable(z.number()),
  average_chunk_interval_ms: nullable(z.number()),
})

export const message = component(
  'Message',
  z.object({
    id: identifier,
    session: identifier,
    run: nullable(identifier),
    role: z.enum(['user', 'system', 'assistant']),
    status: z.enum(['requested', 'streaming', 'complete', 'partial']),
    partial: z.boolean(),
    reason: nullable(z.string()).describe('Why it ended.'),
    parts: z.array(z.union([part, reasoningPart, callPart])),
    text: z.string(),
    model: nullable(z.string()),
    provider: nullable(z.string()),
    usage,
    streaming,
    attempt: count,
    created_at: nullable(instant),
    first_seq: position,
    last_seq: position,
  }),
)

const failure = z.object({ code: z.string(), message: z.string() })

export const run = component(
  'Run',
  z.object({
    id: identifier,
    session: identifier,
    kind: z.enum(['agent', 'external']),
    status: z.enum(['queued', 'active', 'done', 'limit', 'cancelled', 'failed']),
    phase: nullable(z.enum(['planning', 'thinking', 'acting', 'remembering', 'awaiting_confirmation'])),
    agent: nullable(z.string()),
    model: nullable(z.string()),
    language: nullable(z.string()),
    input: nullable(identifier).describe('The message that it answers.'),
    user: nullable(z.string()),
    memory: z.enum(['off', 'pending', 'updated', 'failed']),
    on_disconnect: z.enum(['continue', 'cancel']),
    limits: nullable(limitsSchema),
    confirmation: nullable(confirmationModeSchema),
    plan: nullable(z.object({ round: z.int(), tasks: z.array(task) })),
    metadata: nullable(anything),
    steps: count,
    tool_calls: count,
    usage,
    cancel_requested: nullable(z.object({ seq: position, by: z.string(), reason: z.string(), at: instant })),
    cancelled: nullable(z.object({ by: z.string(), reason: z.string() })),
    limit: nullable(z.string()).describe('Which limit ended it.'),
    error: nullable(failure.extend({ retryable: z.boolean() })),
    attempts: nullable(z.array(z.object({ provider: z.string(), model: z.string(), error: failure }))),
    queued_at: nullable(instant),
    started_at: nullable(instant),
    ended_at: nullable(instant),
    duration_ms: nullable(z.number()),
    first_seq: position,
    last_seq: nullable(position).describe('The end of its window; null while it is open.'),
  }),
)

export const artifact = component(
  'Artifact',
  z.object({
    id: identifier,
    run: nullable(identifier),
    kind: z.string(),
    title: z.string(),
    filename: z.string(),
    media_type: z.string(),
    content: nullable(z.string()),
    blob: nullable(identifier),
    at: instant,
    seq: position,
  }),
)

const attempt = z.object({
  attempt: count,
  at: instant,
  worker: z.string(),
  reason: z.enum(['first', 'retry', 'failover', 'takeover']),
  provider: z.string(),
  model: z.string(),
  parameters: anything,
  kept: count,
  continues: nullable(z.string()),
  messages: z.array(anything).optional(),
  error: nullable(failure.extend({ at: instant, wait_ms: z.number() })),
  usage: nullable(anything),
})

export const rawMessage = component(
  'RawMessage',
  z.object({
    message: identifier,
    session: identifier,
    run: nullable(identifier),
    purpose: z.enum(['answer', 'plan', 'summary', 'title', 'memory']),
    status: z.enum(['requested', 'streaming', 'complete', 'partial']),
    request: z.object({
      model: nullable(z.string()),
      provider: nullable(z.string()),
      requested_model: nullable(z.string()),
      parameters: anything,
      temperature: z.unknown(),
      max_tokens: z.unknown(),
      stream: z.literal(true),
      messages: z.array(anything),
      tools: z.array(anything),
      instructions: nullable(z.string()),
      memories: z.array(anything),
      context: z.unknown(),
      lost: nullable(z.string()),
    }),
    response: nullable(
      z.object({
        content: z.string(),
        tool_calls: z.array(anything),
        chunks: count,
        model: nullable(z.string()),
        finish_reason: nullable(z.string()),
        usage,
        timing: nullable(anything),
        timestamp: nullable(instant),
        data: nullable(anything),
      }),
    ),
    attempts: z.array(attempt),
    cursor: atCursor,
  }),
)
