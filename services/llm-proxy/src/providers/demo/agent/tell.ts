import type { PromptToolResult } from '@spool/events'
import { type DemoLanguage, type DemoText, demoText } from './languages.ts'
import type { Turn } from './turn.ts'

const MAX_QUOTE = 400

/** What the demo model says: what came of the tools, or who it is and what it heard. */
export function tell(turn: Turn): string {
  if (turn.results.length > 0) return tellResults(turn)
  return turn.hasProposed ? demoText(turn.language, 'nothingToDo') : greet(turn)
}

function tellResults({ results, remarks, language }: Turn): string {
  const isAllDone = results.every(({ output }) => output.type !== 'error-text')
  const list = results.map((result) => `- ${tellResult(result, language)}`).join('\n')
  const said = remarks.filter((remark) => remark !== 'Confirmed.')
  return [
    `${demoText(language, isAllDone ? 'done' : 'notAllDone')}\n\n${list}`,
    ...said.map((remark) => demoText(language, 'heard', { said: remark })),
  ].join('\n\n')
}

/** As Spool tells a model that a call came to nothing. */
const failures: readonly (readonly [prefix: string, text: DemoText])[] = [
  ['Denied: ', 'denied'],
  ['Timed out: ', 'timedOut'],
  ['Outcome unknown, it may have taken effect: ', 'unknown'],
]

function tellResult({ toolName: tool, output }: PromptToolResult, language: DemoLanguage): string {
  if (output.type !== 'error-text') return `${tool}: ${quote(tool === 'clock' ? inWords(output.value) : output.value)}`
  const [prefix, text] = failures.find(([begins]) => output.value.startsWith(begins)) ?? ['', 'failed']
  return demoText(language, text, { tool, why: quote(output.value.slice(prefix.length)) })
}

/** The time as a person says it. */
function inWords(value: unknown): unknown {
  const { text = value } = Object(value) as { text?: unknown }
  return text
}

function quote(value: unknown): string {
  const shown = Array.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'))
  return shown.length > MAX_QUOTE ? `${shown.slice(0, MAX_QUOTE).join('')}…` : shown.join('')
}

function greet({ request: said, memories, language }: Turn): string {
  const heard = said.trim() === '' ? demoText(language, 'heardNothing') : demoText(language, 'heard', { said })
  const known = memories.map((memory) => `- ${memory}`).join('\n')
  return [
    demoText(language, 'hello'),
    heard,
    ...(memories.length > 0 ? [`${demoText(language, 'known')}\n\n${known}`] : []),
    demoText(language, 'safe'),
    demoText(language, 'real'),
  ].join('\n\n')
}
