import { parseCursor } from '../cursor.ts'
import type { CallState } from '../state/call-state.ts'
import type { MessagePart, MessageState } from '../state/message-state.ts'
import type { QuestionState } from '../state/question-state.ts'
import type { SessionState, SummaryState } from '../state/session-state.ts'
import type { ToolCall } from '../vocabulary/message-events.ts'
import type {
  PromptFile,
  PromptMessage,
  PromptReasoning,
  PromptText,
  PromptToolResult,
  Replay,
} from './prompt-message.ts'
import { clipResult, promptToolCall, promptToolResult } from './tool-result.ts'
import type { Turn } from './turn.ts'

/** Which part of a conversation is meant, and in which run it is looked at: its own steps are told in full. */
export interface Excerpt {
  readonly run: string | null
  readonly after: number
  readonly before: number
  /** A message that is in it wherever it lies before `before`. */
  readonly input?: string | null
  /** Results of the run's own calls that are longer are clipped to about so many tokens. */
  readonly resultTokens?: number | undefined
}

/** In the order of the conversation; without what is said by nobody in it. */
export function turnsOf(state: SessionState, excerpt: Excerpt): Turn[] {
  const { run, after, before, input = null, resultTokens = Infinity } = excerpt
  const holds = (seq: number) => seq > after && seq < before
  const calls = new Map(state.calls.map((call) => [call.id, call]))
  const asked = new Map(
    state.questions.flatMap((question) => (question.call === null ? [] : [[question.call, question] as const])),
  )
  const resultOf = (call: ToolCall) => promptToolResult(call, calls.get(call.call), asked.get(call.call))
  const ownResultOf = (call: ToolCall) => clipResult(resultOf(call), resultTokens)
  const isIn = ({ id, firstSeq }: MessageState) => holds(firstSeq) || (id === input && firstSeq < before)
  const turns = [
    ...state.messages.filter(isIn).map((message) => {
      const isOwn = message.run === run && message.role === 'assistant'
      const messages = ofMessage(message, run, isOwn ? ownResultOf : resultOf)
      return turn(message.firstSeq, messages, { isInput: message.id === input, isOwn })
    }),
    ...tasksOf(state, run)
      .filter((call) => holds(call.firstSeq))
      .map((call) => turn(call.firstSeq, ofTask(call, resultTokens), { isOwn: true })),
    ...state.questions
      .filter((question) => question.run === run && holds(question.lastSeq))
      .map((question) => turn(question.lastSeq, ofQuestion(question), { isReply: true, isOwn: true })),
  ]
  const said = turns.filter(({ messages }) => messages.length > 0).toSorted((one, other) => one.seq - other.seq)
  return isIdlePlan(state, run, said.at(-1)) ? said.slice(0, -1) : said
}

/** Sequences grow from epoch to epoch, so the cursor's sequence alone tells. */
export function endOf(summary: Pick<SummaryState, 'up_to'> | null): number {
  return summary === null ? 0 : (parseCursor(summary.up_to)?.seq ?? 0)
}

function turn(
  seq: number,
  messages: readonly PromptMessage[],
  { isInput = false, isReply = false, isOwn = false } = {},
): Turn {
  return { seq, messages, isInput, isReply, isOwn }
}

/** A plan that proposes nothing is not shown to anybody: the answer that comes after it is given as if it were not there. */
function isIdlePlan(state: SessionState, run: string | null, last: Turn | undefined): boolean {
  return state.messages.some(
    (message) =>
      message.firstSeq === last?.seq &&
      message.run === run &&
      message.purpose === 'plan' &&
      message.toolCalls.length === 0,
  )
}

function ofMessage(
  message: MessageState,
  run: string | null,
  resultOf: (call: ToolCall) => PromptToolResult,
): PromptMessage[] {
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
      content: message.toolCalls.map((call) => copiedResult(message, call) ?? resultOf(call)),
    }),
  ]
}

/** Of a fork's copy. */
function copiedResult({ results }: MessageState, { call, name }: ToolCall): PromptToolResult | undefined {
  const output = results?.find((result) => result.call === call)?.output
  return output && { type: 'tool-result', toolCallId: call, toolName: name, output }
}

function replayOf({ provider, model, replay: parts }: MessageState): { replay: Replay } | undefined {
  return parts && provider !== null && model !== null ? { replay: { provider, model, parts } } : undefined
}

/** The calls of this run that no model asked for: tasks of its plan. */
function tasksOf(state: SessionState, run: string | null): readonly CallState[] {
  const asked = new Set(state.messages.flatMap((message) => message.toolCalls.map((call) => call.call)))
  return state.calls.filter((call) => call.run === run && !asked.has(call.id))
}

function ofTask(call: CallState, resultTokens: number): PromptMessage[] {
  const asked = { call: call.id, name: call.name, input: call.input }
  return [
    { role: 'assistant', content: [promptToolCall(asked)] },
    { role: 'tool', content: [clipResult(promptToolResult(asked, call), resultTokens)] },
  ]
}

/**
 * What the person answered to a plan of this run; it is confirmed in words, since the model must go on. What was
 * answered to a tool's question is in that call's result.
 */
function ofQuestion({ kind, resolution }: QuestionState): PromptMessage[] {
  if (kind !== 'plan' || resolution === null) return []
  const said = resolution.message ?? ''
  const text = said === '' && resolution.action === 'confirm' ? 'Confirmed.' : said
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
