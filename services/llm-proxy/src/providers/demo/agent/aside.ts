import type { PromptMessage } from '@spool/events'
import { factsIn } from './facts-in.ts'
import { lookBack } from './look-back.ts'

/** What is asked of a model beside the conversation, in its last message: a memory, a summary, a title. */
export function answerAside(prompt: readonly PromptMessage[]): string | undefined {
  const { task, said, before } = lookBack(prompt)
  if (/"facts"/.test(task) && /json/i.test(task)) return JSON.stringify({ facts: [...new Set(said.flatMap(factsIn))] })
  if (said.length === 0 && before === '') return undefined
  if (/\bsummari[sz]e\b/i.test(task)) return summaryOf(said, before)
  if (/^(find|give|write|suggest)\b.{0,80}\btitle\b/i.test(task)) return begin(said[0] ?? before, 60)
  return undefined
}

const MAX_QUOTED = 12

function summaryOf(said: readonly string[], before: string): string {
  const quoted = said.slice(-MAX_QUOTED).map((text) => `“${begin(text, 100)}”`)
  return [
    ...(before === '' ? [] : [`Before: ${begin(before, 400)}`]),
    ...(said.length === 0 ? [] : [`The user said, among ${said.length}: ${quoted.join(', ')}.`]),
  ].join('\n')
}

function begin(text: string, characters: number): string {
  const all = Array.from(text.trim().replace(/\s+/g, ' '))
  return all.length <= characters ? all.join('') : `${all.slice(0, characters).join('')}…`
}
