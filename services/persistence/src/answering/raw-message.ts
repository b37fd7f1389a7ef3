import {
  type Beside,
  type EventOf,
  messageOf,
  type MessageState,
  prompt,
  type PromptMessage,
  type SessionState,
} from '@spool/events'
import type { Blobs, SessionRef } from '@spool/log'
import { chainRows, eventOfRow, foldRow, loadSessionAt, type Schema } from '@spool/store'
import type { Kysely } from 'kysely'
import { loadMessage } from './find-piece.ts'
import { loadBeside } from './load-beside.ts'
import { QueryRefusal } from './refusals.ts'

/** One call of a provider. */
interface Attempt {
  readonly started: EventOf<'generation.started'>
  readonly failed: EventOf<'generation.failed'> | undefined
  readonly messages: readonly PromptMessage[]
  /** What earlier attempts had left when it began. */
  readonly kept: string
}

/**
 * What a model was sent for a message, and how the provider ended it. Nothing of it is stored a second time: what is
 * sent follows from the session as it stood when an attempt began, and from what the request says.
 */
export async function rawMessage(kysely: Kysely<Schema>, blobs: Pick<Blobs, 'get'>, ref: SessionRef, id: string) {
  const found = await loadMessage(kysely, ref, id)
  if (found === null) return null
  const { message, cursor } = found
  if (message.requestedSeq === null) {
    throw new QueryRefusal('not_requested', `No model was asked for message ${id}: it was written by somebody else.`)
  }
  const { beside, lost } = await loadBeside(blobs, ref, message)
  const { asked, attempts } = await replayed(kysely, ref, message, beside)
  const last = attempts.at(-1)
  const messages = last?.messages ?? asked
  const parameters = (last === undefined ? message.request?.parameters : last.started.parameters) ?? {}
  return {
    message: id,
    session: ref.session,
    run: message.run,
    purpose: message.purpose,
    status: message.status,
    request: {
      model: last?.started.model ?? message.requestedModel,
      provider: last?.started.provider ?? null,
      requested_model: message.requestedModel,
      parameters,
      temperature: parameters['temperature'] ?? null,
      max_tokens: parameters['max_tokens'] ?? null,
      stream: true,
      messages,
      tools: beside.tools ?? [],
      instructions: beside.instructions ?? null,
      memories: beside.memories ?? [],
      context: beside.context ?? null,
      lost,
    },
    response: message.status === 'requested' ? null : responseOf(message),
    attempts: attempts.map((attempt) => publicAttempt(attempt, messages)),
    cursor,
  }
}

function responseOf(message: MessageState) {
  return {
    content: message.text,
    tool_calls: message.toolCalls,
    chunks: message.streaming.chunks_count,
    model: message.response?.['model'] ?? message.model,
    finish_reason: message.reason,
    usage: message.usage,
    timing: message.timing,
    timestamp: message.streaming.completed_at,
    data: message.response,
  }
}

function publicAttempt({ started, failed, messages, kept }: Attempt, ofLast: readonly PromptMessage[]) {
  const { attempt, at, worker, reason, provider, model, parameters = {} } = started
  const isSame = JSON.stringify(messages) === JSON.stringify(ofLast)
  return {
    attempt,
    at,
    worker,
    reason,
    provider,
    model,
    parameters,
    kept: started.kept,
    // Providers refuse white space at its end, so it is never sent.
    continues: kept.trimEnd() || null,
    ...(!isSame && { messages }),
    error: failed === undefined ? null : { ...failed.error, at: failed.at, wait_ms: failed.wait_ms ?? 0 },
    usage: failed?.usage ?? null,
  }
}

/** What the model was to be sent when it was asked for, and what each attempt was sent. */
async function replayed(
  kysely: Kysely<Schema>,
  ref: SessionRef,
  { id, requestedSeq, lastSeq }: MessageState,
  beside: Beside,
): Promise<{ asked: readonly PromptMessage[]; attempts: readonly Attempt[] }> {
  const started = new Map<number, EventOf<'generation.started'>>()
  const failed = new Map<number, EventOf<'generation.failed'>>()
  for await (const row of chainRows(kysely, ref, { after: requestedSeq!, until: lastSeq, deltas: false })) {
    const event = eventOfRow(row)
    if (event?.type === 'generation.started' && event.message === id) started.set(row.seq, event)
    if (event?.type === 'generation.failed' && event.message === id) failed.set(event.attempt, event)
  }
  const attempts: Attempt[] = []
  let state = await sessionAt(kysely, ref, requestedSeq!)
  const asked = prompt(state, id, beside)
  // What a title is made of goes on while it is asked for; and of an answer that broke off, text stays.
  const until = Math.max(0, ...started.keys())
  for await (const row of chainRows(kysely, ref, { after: requestedSeq!, until, deltas: true })) {
    state = foldRow(state, row)
    const start = started.get(row.seq)
    if (start === undefined) continue
    attempts.push({
      started: start,
      failed: failed.get(start.attempt),
      messages: prompt(state, id, beside),
      kept: messageOf(state, id)!.text,
    })
  }
  return { asked, attempts }
}

async function sessionAt(kysely: Kysely<Schema>, ref: SessionRef, seq: number): Promise<SessionState> {
  return (await loadSessionAt(kysely, ref, { epoch: 0, seq }, (all) => all)).state
}
