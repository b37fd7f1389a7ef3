import { parseCursor } from '../cursor.ts'
import type { CallState } from '../state/call-state.ts'
import type { MessagePart, MessageState } from '../state/message-state.ts'
import type { QuestionState } from '../state/question-state.ts'
import { callOf, messageOf, type SessionState } from '../state/session-state.ts'
import type { Beside } from '../vocabulary/message-events.ts'
import type { PromptFile, PromptMessage, PromptReasoning, PromptText, Replay } from './prompt-message.ts'
import { systemText } from './system-text.ts'
import { promptToolCall, promptToolResult } from './tool-result.ts'
import { UnknownMessage } from './unknown-message.ts'

/**
 * What the model is sent for a message: the conversation before its request. The message's own text, where an attempt
 * has left some, is `keptText`. `beside` is what the request's blob holds, where it has one.
 *
 * @throws UnknownMessage
 */
export function prompt(state: SessionState, id: string, beside?: Beside): PromptMessage[] {
  const message = messageOf(state, id)
  if (message === undefined) throw new UnknownMessage(id)
  const window = windowOf(state, message)
  const said = state.messages.filter((other) => other.id !== id && window.holds(other.firstSeq))
  const sent = beside ?? message.request ?? {}
  const isTurn = message.purpose === 'answer' || message.purpose === 'plan'
  const system = systemText(
    isTurn ? sent : { ...sent, instructions: '' },
    said.filter((other) => other.role === 'system'),
    window.summary,
  )
  const turns = [
    ...said.map((other) => ({ seq: other.firstSeq, messages: ofMessage(state, other, message.run) })),
    ...tasksOf(state, message.run)
      .filter((call) => window.holds(call.firstSeq))
      .map((call) => ({ seq: call.firstSeq, messages: ofTask(call) })),
    ...state.questions
      .filter((question) => question.run === message.run && window.holds(question.lastSeq))
      .map((question) => ({ seq: question.lastSeq, messages: ofQuestion(question) })),
  ]
  turns.sort((one, other) => one.seq - other.seq)
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap((turn) => turn.messages),
    ...(isTurn ? [] : asTask(sent.instructions ?? '')),
  ]
}

/**
 * A title, a summary or a memory is asked for after the conversation: a prompt that ends with the assistant's own words
 * would ask the model to go on with them.
 */
function asTask(instructions: string): PromptMessage[] {
  return instructions === '' ? [] : [{ role: 'user', content: [{ type: 'text', text: instructions }] }]
}

/** From the end of what the summary stands for up to the request. */
function windowOf(state: SessionState, message: MessageState) {
  const before = message.requestedSeq ?? message.firstSeq
  const summary = state.summary !== null && state.summary.seq < before ? state.summary : null
  // Sequences grow from epoch to epoch, so the cursor's sequence alone tells.
  const after = summary === null ? 0 : (parseCursor(summary.up_to)?.seq ?? 0)
  return { summary, holds: (seq: number) => seq > after && seq < before }
}

function ofMessage(state: SessionState, message: MessageState, run: string | null): PromptMessage[] {
  if (message.role === 'user') return nonEmpty({ role: 'user', content: message.parts.flatMap(userPart) })
  if (message.role === 'system') return []
  const isOwn = message.run === run
  const isSaid = message.purpose === null || message.purpose === 'answer' || (message.purpose === 'plan' && isOwn)
  if (!isSaid) return []
  const said = message.parts.flatMap((part) => assistantPart(part, isOwn))
  return [
    ...nonEmpty({
      role: 'assistant',
      content: [...said, ...message.toolCalls.map(promptToolCall)],
      ...(isOwn && replayOf(message)),
    }),
    ...nonEmpty({
      role: 'tool',
      content: message.toolCalls.map((call) => promptToolResult(call, callOf(state, call.call))),
    }),
  ]
}

function replayOf({ provider, model, replay: parts }: MessageState): { replay: Replay } | undefined {
  return parts && provider !== null && model !== null ? { replay: { provider, model, parts } } : undefined
}

/** The calls of this run that no model asked for: tasks of its plan. */
function tasksOf(state: SessionState, run: string | null): readonly CallState[] {
  const asked = new Set(state.messages.flatMap((message) => message.toolCalls.map((call) => call.call)))
  return state.calls.filter((call) => call.run === run && !asked.has(call.id))
}

function ofTask(call: CallState): PromptMessage[] {
  const asked = { call: call.id, name: call.name, input: call.input }
  return [
    { role: 'assistant', content: [promptToolCall(asked)] },
    { role: 'tool', content: [promptToolResult(asked, call)] },
  ]
}

/** What the person answered to a question of this run; a plan is confirmed in words, since the model must go on. */
function ofQuestion(question: QuestionState): PromptMessage[] {
  const said = question.resolution?.message ?? ''
  const isConfirmedPlan = question.kind === 'plan' && question.resolution?.action === 'confirm'
  const text = said === '' && isConfirmedPlan ? 'Confirmed.' : said
  return text === '' ? [] : [{ role: 'user', content: [{ type: 'text', text }] }]
}

function userPart(part: MessagePart): (PromptText | PromptFile)[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'image':
    case 'file':
      return [
        {
          type: 'file',
          mediaType: part.media_type ?? 'image/*',
          ...('filename' in part && part.filename !== undefined && { filename: part.filename }),
          ...(part.blob !== undefined && { blob: part.blob }),
          ...(part.url !== undefined && { url: part.url }),
        },
      ]
    default:
      return []
  }
}

/** Reasoning goes back to the model only within the run that it was for; providers ask for it there and drop it later. */
function assistantPart(part: MessagePart, isOwn: boolean): (PromptText | PromptReasoning)[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }]
  return part.type === 'reasoning' && isOwn ? [{ type: 'reasoning', text: part.text }] : []
}

function nonEmpty<Message extends PromptMessage>(message: Message): Message[] {
  return message.content.length === 0 ? [] : [message]
}
