import type { PromptMessage, PromptToolCall, PromptToolResult } from '@spool/events'
import { doneBefore } from './done-before.ts'
import { type DemoLanguage, demoLanguage } from './languages.ts'

/** What a prompt says, as far as the demo model understands it. */
export interface Turn {
  readonly system: string
  readonly language: DemoLanguage
  readonly memories: readonly string[]
  /** What the person asked for. */
  readonly request: string
  /** What the person said since, in the same run: changes of a plan, words about a call. */
  readonly remarks: readonly string[]
  readonly results: readonly PromptToolResult[]
  /** So many calls were made before the rounds that are in the prompt. */
  readonly callsBefore: number
  /** In the prompt: how often the model has called tools in this run, without the tasks of its plan. */
  readonly rounds: number
  /** A plan was the last thing that the model proposed, and nothing of it has been done yet. */
  readonly hasProposed: boolean
}

/** All that the person said for this run, the newest first. */
export function wordsOf({ request, remarks }: Turn): readonly string[] {
  return [...remarks.toReversed(), request]
}

export function readTurn(prompt: readonly PromptMessage[]): Turn {
  const system = prompt.map((message) => (message.role === 'system' ? message.content : '')).join('')
  const asked = requestAt(prompt)
  const since = prompt.slice(asked + 1)
  const calls = since.flatMap(callsOf)
  const done = doneBefore(system)
  return {
    system,
    language: demoLanguage(system),
    memories: memoriesIn(system),
    request: textOf(prompt[asked]),
    remarks: since.flatMap((message) => (isSaid(message) ? [textOf(message)] : [])),
    results: [
      ...done.results,
      ...since.flatMap((message) => (message.role === 'tool' ? message.content : [])).filter(isTold),
    ],
    callsBefore: done.calls,
    rounds: since.filter((message) => isOurs(message) && callsOf(message).length > 0).length,
    hasProposed: calls.at(-1)?.toolName === 'propose_plan',
  }
}

/**
 * The last thing that a person said before the model did anything in this run. What the model said in this run carries
 * the model's own pieces; of earlier runs only the words are left.
 */
function requestAt(prompt: readonly PromptMessage[]): number {
  const begun = prompt.findIndex(isOurs)
  const before = begun < 0 ? prompt.length : begun
  return prompt.findLastIndex((message, index) => index < before && isSaid(message))
}

/** Spool lets a model go on with words that no person has said. */
const isSaid = (message: PromptMessage) => message.role === 'user' && textOf(message) !== 'Go on.'

const isOurs = (message: PromptMessage) => message.role === 'assistant' && message.replay?.provider === 'demo'

function callsOf(message: PromptMessage): PromptToolCall[] {
  return message.role === 'assistant' ? message.content.filter((part) => part.type === 'tool-call') : []
}

/** A proposal is no deed: there is nothing to tell of it but what was wrong with it. */
function isTold({ toolName, output }: PromptToolResult): boolean {
  if (toolName !== 'propose_plan') return true
  return output.type === 'error-text' && !/^This call (was not carried out|has no result)/.test(output.value)
}

export function textOf(message: PromptMessage | undefined): string {
  if (message?.role !== 'user') return ''
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

function memoriesIn(system: string): string[] {
  const [, list = ''] = /^What is known from earlier conversations:\n((?:- .*(?:\n|$))+)/m.exec(system) ?? []
  return list.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []))
}
