import type { PromptMessage } from '@spool/events'
import { textOf } from './turn.ts'

/** What a model is asked beside the conversation, and what the conversation was. */
export interface Looking {
  readonly task: string
  /** The person's words, in order. */
  readonly said: readonly string[]
  /** What was summarised of it before; '' where nothing was. */
  readonly before: string
}

/** A conversation that is looked back at stands before the task: in messages of its own, or as a text of labelled pieces. */
export function lookBack(prompt: readonly PromptMessage[]): Looking {
  const last = textOf(prompt.at(-1))
  // Whatever the conversation holds, what stands last is the task.
  const at = [...last.matchAll(/(?:^|\n\n)(?=(?:The conversation above|Summari[sz]e)\b)/g)].at(-1)?.index ?? 0
  const pieces = at > 0 ? piecesOf(last.slice(0, at)) : []
  const told = pieces.filter(({ label }) => label === 'User').map(({ text }) => text)
  const said = [...prompt.slice(0, -1).map(textOf), ...told].filter((text) => text.trim() !== '')
  const summarised = pieces.find(({ label }) => label === 'In short, what was said before')?.text
  return { task: at > 0 ? last.slice(at).trim() : last, said, before: summarised ?? summaryIn(prompt) }
}

function piecesOf(transcript: string): { label: string; text: string }[] {
  const labels =
    /(?:^|\n\n)(User|User, a file|Assistant|Assistant, a call of \S+|Result of \S+|In short, what was said before):\n/g
  const found = [...transcript.matchAll(labels)]
  return found.map(({ 0: head, 1: label = '', index }, place) => ({
    label,
    text: transcript.slice(index + head.length, found[place + 1]?.index),
  }))
}

function summaryIn(prompt: readonly PromptMessage[]): string {
  const system = prompt.map((message) => (message.role === 'system' ? message.content : '')).join('')
  return /The conversation so far, in short:\n([^]*?)(?:\n\nAlready done in this run|$)/.exec(system)?.[1] ?? ''
}
