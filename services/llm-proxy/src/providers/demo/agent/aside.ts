import type { PromptMessage } from '@spool/events'
import { factsIn } from './facts-in.ts'
import { textOf } from './turn.ts'

/** What is asked of a model beside the conversation, in its last message: a memory, a summary, a title. */
export function answerAside(prompt: readonly PromptMessage[]): string | undefined {
  const task = textOf(prompt.at(-1))
  const said = prompt
    .slice(0, -1)
    .map(textOf)
    .filter((text) => text.trim() !== '')
  if (/"facts"/.test(task) && /json/i.test(task)) return JSON.stringify({ facts: said.flatMap(factsIn) })
  if (said.length === 0) return undefined
  if (/\bsummari[sz]e\b/i.test(task)) return summaryOf(said, prompt)
  if (/^(find|give|write|suggest)\b.{0,80}\btitle\b/i.test(task)) return begin(said[0]!, 60)
  return undefined
}

const MAX_QUOTED = 12

function summaryOf(said: readonly string[], prompt: readonly PromptMessage[]): string {
  const [, before = ''] = /The conversation so far, in short:\n([\s\S]*)/.exec(systemOf(prompt)) ?? []
  const quoted = said.slice(-MAX_QUOTED).map((text) => `“${begin(text, 100)}”`)
  return [
    ...(before === '' ? [] : [`Before: ${begin(before, 400)}`]),
    `The user said, among ${said.length}: ${quoted.join(', ')}.`,
  ].join('\n')
}

function systemOf(prompt: readonly PromptMessage[]): string {
  return prompt.map((message) => (message.role === 'system' ? message.content : '')).join('')
}

function begin(text: string, characters: number): string {
  const all = Array.from(text.trim().replace(/\s+/g, ' '))
  return all.length <= characters ? all.join('') : `${all.slice(0, characters).join('')}…`
}
