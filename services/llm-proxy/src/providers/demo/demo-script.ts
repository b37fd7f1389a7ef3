/**
 * What the demo model says. Every mode but `clock` is a pure function of its name and the prompt, and token `i` can be
 * had without the ones before: an answer that is taken over goes on exactly where it stopped.
 */
import type { PromptMessage } from '@spool/events'
import type { ToolDescription } from '../provider.ts'
import { type Play, playAgent, playRounds } from './agent/play-agent.ts'
import { roundsOf } from './agent/rounds-of.ts'
import { parseDemoModel, type DemoModel } from './demo-model.ts'
import { lastUserText } from './last-user-text.ts'

export interface DemoScript {
  /** Of its text, in tokens. */
  length: number
  token(index: number): string
  /** What comes after the text. */
  calls: readonly DemoCall[]
  /** Nobody reads along: it is said as fast as it is taken. */
  isAside?: boolean
}

export interface DemoCall {
  name: string
  input: unknown
  /** The arguments as they stream. */
  tokens: readonly string[]
}

/** All tokens of an answer's text, for tests. Those of `demo/clock` carry the time of this call. */
export function demoScript(
  model: string,
  prompt: readonly PromptMessage[] = [],
  tools: readonly ToolDescription[] = [],
): string[] {
  const parsed = parseDemoModel(model)
  if (!parsed) throw new RangeError(`There is no demo model ${JSON.stringify(model)}`)
  const script = scriptOf(parsed, prompt, tools)
  return Array.from({ length: script.length }, (_, index) => script.token(index))
}

export function scriptOf(
  model: DemoModel,
  prompt: readonly PromptMessage[],
  tools: readonly ToolDescription[] = [],
): DemoScript {
  switch (model.mode) {
    case 'plain':
      return played(playAgent(prompt))
    case 'agent':
      return played(playAgent(prompt, tools))
    case 'calls':
      return played(playRounds(prompt, roundsOf(prompt)))
    case 'echo':
      return listed(tokensOf(lastUserText(prompt)))
    case 'emoji':
      return { length: model.tokens, token: (index) => emoji[index % emoji.length] ?? '', calls: [] }
    case 'clock':
      return { length: model.tokens, token: clockTokens(), calls: [] }
    case 'steady':
    case 'fail':
    case 'hang':
      return { length: model.tokens, token: (index) => steadyToken(model, index), calls: [] }
  }
}

/** Width of a clock token: milliseconds since 1970 with three decimals, and a space. */
export const clockTokenLength = 18

/** Each is later than the one before by its last decimal at least, so that one lost, doubled or out of order is seen. */
function clockTokens(): () => string {
  let madeUs = 0
  return () => {
    madeUs = Math.max(madeUs + 1, Math.round((performance.timeOrigin + performance.now()) * 1000))
    return `${(madeUs / 1000).toFixed(3)} `
  }
}

const listed = (tokens: string[]): DemoScript => ({
  length: tokens.length,
  token: (index) => tokens[index] ?? '',
  calls: [],
})

function played({ text, calls, isAside }: Play): DemoScript {
  const streamed = calls.map(({ name, input = {} }) => ({ name, input, tokens: tokensOf(JSON.stringify(input)) }))
  return { ...listed(tokensOf(text)), calls: streamed, isAside }
}

const longestToken = 16

/** Words with the space before them; joined they are the text again, whatever it holds. */
function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+/gu)?.flatMap(cutUp) ?? []
}

function cutUp(word: string): string[] {
  if (word.length <= longestToken) return [word]
  const characters = Array.from(word)
  return Array.from({ length: Math.ceil(characters.length / longestToken) }, (_, part) =>
    characters.slice(part * longestToken, (part + 1) * longestToken).join(''),
  )
}

const words = [
  'amber',
  'anchor',
  'apple',
  'arrow',
  'basin',
  'birch',
  'breeze',
  'bridge',
  'candle',
  'canyon',
  'cedar',
  'cloud',
  'coral',
  'crane',
  'delta',
  'dune',
  'ember',
  'falcon',
  'fern',
  'fjord',
  'garnet',
  'glade',
  'harbor',
  'hazel',
  'heron',
  'island',
  'ivory',
  'jasper',
  'juniper',
  'kelp',
  'lagoon',
  'lantern',
  'larch',
  'linen',
  'maple',
  'marble',
  'meadow',
  'mist',
  'nectar',
  'north',
  'oak',
  'ocean',
  'opal',
  'orchid',
  'pebble',
  'pine',
  'prairie',
  'quartz',
  'quill',
  'raven',
  'reef',
  'river',
  'saffron',
  'sage',
  'spruce',
  'stone',
  'thistle',
  'tide',
  'umber',
  'valley',
  'violet',
  'willow',
  'wren',
  'zephyr',
]

/** The number makes each token unlike every other, so that one lost, doubled or out of order is seen at once. */
function steadyToken({ seed, tokens }: DemoModel, index: number): string {
  const word = words[hash(seed, index) % words.length] ?? ''
  return `${word}${index + 1}${index + 1 === tokens ? '.' : ' '}`
}

/** Mixes two numbers to 32 even bits (the finaliser of MurmurHash3). */
function hash(seed: number, index: number): number {
  let bits = (Math.imul(seed, 0x9e3779b1) ^ index) >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

const emoji = ['😀', '🚀', '🌍', '🎉', '🧵', '👩‍💻', '🏳️‍🌈', '🇪🇺', '👍🏽', '❤️', '🫶', '🦊']
