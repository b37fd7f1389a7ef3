import type { ToolDescription } from '../../provider.ts'
import { fillInput } from './fill-input.ts'
import { jsonAt } from './find-json.ts'
import { type Words, knownTools, refuses } from './known-tools.ts'
import type { DemoLanguage } from './languages.ts'

export interface WantedCall {
  readonly name: string
  readonly input: unknown
}

/**
 * Which of the tools the person's words ask for: by their names, with the arguments as JSON behind where there are any
 * (`demo_postcard {"to": "Ada", "text": "Hi"}`), else by hints such as "wait" or "2 + 3".
 */
export function wantedCalls(words: Words, tools: readonly ToolDescription[], language: DemoLanguage): WantedCall[] {
  const refused = refusedNames(words)
  const asking = words.filter((text, index) => index === words.length - 1 || !refuses(text))
  const named = asking
    .toReversed()
    .flatMap((text) => callsNamedIn(text, tools, words, language))
    .filter(({ name }) => !refused.has(name))
  const hinted = new Set(asking.flatMap(hintedNames))
  const others = knownTools
    .map(({ name }) => name)
    .filter((name) => hinted.has(name) && !refused.has(name) && !named.some((call) => call.name === name))
  return [...named, ...callsOf(others, words, tools, language)]
}

/** What was taken out again by way of a change; the first words change nothing. */
export function refusedNames(words: Words): ReadonlySet<string> {
  return new Set(words.slice(0, -1).filter(refuses).flatMap(hintedNames))
}

/** Those of these tools that are there, called with what the words give. */
export function callsOf(
  names: readonly string[],
  words: Words,
  tools: readonly ToolDescription[],
  language: DemoLanguage,
): WantedCall[] {
  return names.flatMap((name) => {
    const tool = tools.find((candidate) => candidate.name === name)
    return tool === undefined ? [] : [callOf(tool, words, language)]
  })
}

function callOf(tool: ToolDescription, words: Words, language: DemoLanguage): WantedCall {
  const known = knownTools.find(({ name }) => name === tool.name)
  return { name: tool.name, input: known?.input(words, language) ?? fillInput(tool.input_schema, words.join('\n')) }
}

function hintedNames(text: string): string[] {
  return knownTools.filter((tool) => tool.isWanted(text)).map(({ name }) => name)
}

function callsNamedIn(
  text: string,
  tools: readonly ToolDescription[],
  words: Words,
  language: DemoLanguage,
): WantedCall[] {
  return [...text.matchAll(/[\w-]{1,64}/g)].flatMap(({ 0: name, index }) => {
    const tool = tools.find((candidate) => candidate.name === name)
    if (tool === undefined) return []
    const after = index + name.length
    const behind = after + (/^[\s:(]*/.exec(text.slice(after))?.[0].length ?? 0)
    const input = text[behind] === '{' ? jsonAt(text, behind) : undefined
    return [input === undefined ? callOf(tool, words, language) : { name, input }]
  })
}
