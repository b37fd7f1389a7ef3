import { z } from 'zod'
import { commonFields, present, requiredSessionId } from './common-fields.ts'
import type { PastMessage, RunWish, Wish } from './dialect.ts'
import { DialectRefusal } from './dialect-refusal.ts'

// What the planner's front ends send: the whole conversation every time, and what its tools have found so far.

export interface PlannerOptions {
  readonly metadata: boolean
  readonly buffered: boolean
  readonly heartbeatSeconds: number
}

const HEARTBEAT = { least: 1, usual: 30, most: 300 }

/** Each is an event of its own, and the work for all of them grows with the square of their number. */
const MOST_TAKEN_OVER = 2000

/** Text, or in parts that are text. Anything else would be lost without a word, and is refused. */
const content = z
  .union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))])
  .nullish()
  .transform((given) => (typeof given === 'string' ? given : (given ?? []).map(({ text }) => text).join('')))

const entry = z.object({ role: z.string(), content })

export const plannerBody = z
  .object({
    session_id: requiredSessionId,
    dialogue_history: z.array(entry).min(1),
    tool_execution_results: z.record(z.string(), z.unknown()).nullish(),
    session_metadata: z.record(z.string(), z.unknown()).nullish(),
    is_compressed: z.boolean().nullish(),
    include_metadata: z.boolean().nullish(),
    buffer_events: z.boolean().nullish(),
    heartbeat_interval: z.number().min(HEARTBEAT.least).max(HEARTBEAT.most).nullish(),
    ...commonFields,
  })
  .meta({ examples: [{ session_id: 'my-session', dialogue_history: [{ role: 'user', content: 'Plan a trip' }] }] })

type PlannerBody = z.output<typeof plannerBody>
type Entry = z.output<typeof entry>

export function plannerWish(body: PlannerBody): Wish<PlannerOptions> {
  const { session_id, dialogue_history, tool_execution_results, session_metadata } = body
  const { agent, model, language, on_disconnect, include_metadata, buffer_events, heartbeat_interval } = body
  const asked = dialogue_history.findLastIndex(({ role }) => role === 'user')
  const message = dialogue_history[asked]?.content ?? ''
  if (message === '') throw noMessage(asked)
  const run: RunWish = {
    message,
    // What comes after the message would be its answer.
    history: dialogue_history.slice(0, asked).flatMap(pastMessage).slice(-MOST_TAKEN_OVER),
    ...present({ agent, model, on_disconnect }),
    ...(session_metadata != null && { metadata: metadataOf(session_metadata) }),
    ...(hasAny(tool_execution_results) && { context: { tool_execution_results } }),
  }
  return {
    kind: 'run',
    answer: 'stream',
    session: session_id,
    language: language ?? languageIn(session_metadata),
    options: {
      metadata: include_metadata ?? false,
      buffered: buffer_events ?? false,
      heartbeatSeconds: heartbeat_interval ?? HEARTBEAT.usual,
    },
    run,
  }
}

/** Of who comes back: what makes no sense is as if it were not there. */
export function plannerOptions(given: Readonly<Record<string, unknown>>): PlannerOptions {
  const seconds = Number(given['heartbeat_interval'] ?? HEARTBEAT.usual)
  const isInRange = seconds >= HEARTBEAT.least && seconds <= HEARTBEAT.most
  return {
    metadata: isYes(given['include_metadata']),
    buffered: isYes(given['buffer_events']),
    heartbeatSeconds: isInRange ? seconds : HEARTBEAT.usual,
  }
}

/** What tools and others have said is not said by anybody in a conversation; their results are the context. */
function pastMessage({ role, content: text }: Entry): PastMessage[] {
  if (role !== 'user' && role !== 'assistant' && role !== 'system') return []
  return text === '' ? [] : [{ role, text }]
}

function noMessage(asked: number): DialectRefusal {
  const why = asked < 0 ? 'has no entry with the role "user"' : `is empty where the user speaks last (entry ${asked})`
  return new DialectRefusal(400, 'invalid_body', `dialogue_history ${why}: the last one is the message to be answered.`)
}

/** `user` names whose memories they are; front ends keep all kinds of things under that name. */
function metadataOf({ user, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const isName = typeof user === 'string' || Number.isSafeInteger(user)
  return isName ? { ...rest, user } : rest
}

function languageIn(metadata: Record<string, unknown> | null | undefined): string | undefined {
  const language = metadata?.['language']
  return typeof language === 'string' && isTag(language) ? language : undefined
}

function isTag(text: string): boolean {
  try {
    return text.length <= 35 && Intl.getCanonicalLocales(text.replaceAll('_', '-')).length === 1
  } catch {
    return false
  }
}

function hasAny(results: Record<string, unknown> | null | undefined): boolean {
  return results != null && Object.keys(results).length > 0
}

function isYes(value: unknown): boolean {
  return value === true || value === 'true' || value === '1'
}
