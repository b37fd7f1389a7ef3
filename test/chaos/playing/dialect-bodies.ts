import type { Plot } from './kinds.ts'

/** Those of `packages/dialects`. */
export const DIALECT_NAMES = ['chat', 'confirmation', 'planner', 'agent'] as const
export type DialectName = (typeof DIALECT_NAMES)[number]

export interface DialectCall {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** To be named again by who comes back. */
  readonly options: Readonly<Record<string, string>>
  /** The frames that are signs of life and nothing else. */
  readonly isBeat: (text: string) => boolean
  /** The last of a stream. */
  readonly isLast: (data: string) => boolean
  /** It ends because it cannot go on. */
  readonly isBroken: (text: string) => boolean
}

const never = () => false
const hasNoId = (text: string) => !text.startsWith('id: ')
const has =
  (...parts: string[]) =>
  (text: string) =>
    parts.some((part) => text.includes(part))

/** What each dialect is sent for a plot, and how it says that it is over. */
export function dialectCall(name: DialectName, session: string, { agent, body }: Plot): DialectCall {
  const { message, model } = body
  const metadata = body['metadata'] as { user?: string } | undefined
  const common = { session_id: session, ...(model !== undefined && { model }) }
  const isError = has('"chunk_type":"error"')
  switch (name) {
    case 'chat':
      return {
        path: '/chat/stream',
        body: { ...common, message, agent },
        options: {},
        isBeat: never,
        isLast: (data) => data === '[DONE]' || data.startsWith('{"error"'),
        isBroken: (text) => hasNoId(text) && text.startsWith('data: {"error"'),
      }
    case 'confirmation':
      return {
        path: '/api/v1/chat/stream',
        body: { ...common, message, agent },
        options: {},
        isBeat: never,
        isLast: has('"finished":true'),
        isBroken: (text) => hasNoId(text) && isError(text),
      }
    case 'planner':
      return {
        path: '/api/chat/agent',
        body: {
          ...common,
          agent,
          dialogue_history: [{ role: 'user', content: message }],
          heartbeat_interval: HEARTBEAT_SECONDS,
        },
        options: { heartbeat_interval: String(HEARTBEAT_SECONDS) },
        isBeat: (text) => text.startsWith('event: heartbeat\n'),
        isLast: has('{"event_type":"close"'),
        isBroken: has('"data":{"reason":"reset"', '"data":{"reason":"time_limit"', '"data":{"reason":"not_answered"'),
      }
    case 'agent':
      return {
        path: `/api/v1/agents/${agent}/chat/stream`,
        body: { ...common, message, ...(metadata?.user !== undefined && { user_id: metadata.user }) },
        options: {},
        isBeat: never,
        isLast: has('{"chunk_type":"done"', '{"chunk_type":"error"'),
        isBroken: (text) => hasNoId(text) && isError(text),
      }
  }
}

/** The planner beats as its client wishes; no later than the others do. */
const HEARTBEAT_SECONDS = 3
