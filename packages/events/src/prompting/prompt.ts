import type { MessageState } from '../state/message-state.ts'
import { messageOf, type SessionState } from '../state/session-state.ts'
import type { Beside } from '../vocabulary/message-events.ts'
import { nextPrompt, summaryBefore } from './next-prompt.ts'
import type { PromptMessage } from './prompt-message.ts'
import { sections, summaryText } from './system-text.ts'
import { transcript } from './transcript.ts'
import { endOf, turnsOf } from './turns.ts'
import { UnknownMessage } from './unknown-message.ts'

/** So much of a run is looked at where nobody says how much the model takes in. */
const LOOKED_BACK_AT = 24_000

/** What is kept of the conversation may begin, and what an answer left may end, with the assistant's own words. */
const GO_ON = 'Go on.'

/**
 * What the model is sent for a message: the conversation before its request. The message's own text, where an attempt
 * has left some, is `keptText`. `beside` is what the request's blob holds, where it has one.
 *
 * @throws UnknownMessage
 */
export function prompt(state: SessionState, id: string, beside?: Beside): PromptMessage[] {
  const message = messageOf(state, id)
  if (message === undefined) throw new UnknownMessage(id)
  const sent = beside ?? message.request ?? {}
  switch (message.purpose) {
    case 'summary':
      return user(sections(toSummarise(state, message), sent.instructions ?? ''))
    case 'memory':
      return user(sections(toRemember(state, message), sent.instructions ?? ''))
    case 'title':
      return [...conversation(state, message, { ...sent, instructions: '' }), ...user(sent.instructions ?? '')]
    default: {
      const messages = conversation(state, message, sent)
      return messages.at(-1)?.role === 'assistant' ? [...messages, ...user(GO_ON)] : messages
    }
  }
}

function conversation(state: SessionState, message: MessageState, sent: Beside): PromptMessage[] {
  const limits = message.request ?? {}
  const { system, summary, done, turns } = nextPrompt(state, message.run, sent, limits, requestedAt(message))
  const content = sections(system, summary === null ? '' : summaryText(summary.text), done)
  const messages = turns.flatMap((turn) => turn.messages)
  const isCutOff = summary !== null && messages[0] !== undefined && messages[0].role !== 'user'
  return [
    ...(content === '' ? [] : [{ role: 'system' as const, content }]),
    ...(isCutOff ? user(GO_ON) : []),
    ...messages,
  ]
}

/** What came since the last summary up to where the new one is to end; it builds on the last. */
function toSummarise(state: SessionState, message: MessageState): string {
  const summary = summaryBefore(state, requestedAt(message))
  const upTo = message.request?.upTo
  const before = upTo == null ? requestedAt(message) : Math.min(requestedAt(message), endOf({ up_to: upTo }) + 1)
  const turns = turnsOf(state, { run: message.run, after: endOf(summary), before })
  return transcript(turns, summary?.text ?? null, tokensFor(message))
}

function toRemember(state: SessionState, message: MessageState): string {
  const ofRun = { ...state, messages: state.messages.filter(({ run }) => run === message.run) }
  const turns = turnsOf(ofRun, { run: message.run, after: 0, before: requestedAt(message) })
  return transcript(turns, null, tokensFor(message))
}

function tokensFor({ request }: MessageState): number {
  return request?.promptTokens ?? LOOKED_BACK_AT
}

function requestedAt(message: MessageState): number {
  return message.requestedSeq ?? message.firstSeq
}

function user(text: string): PromptMessage[] {
  return text === '' ? [] : [{ role: 'user', content: [{ type: 'text', text }] }]
}
