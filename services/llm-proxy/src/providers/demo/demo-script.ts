/**
 * What the demo model says. Every mode but `clock` is a pure function of its name and the prompt, and token `i` can be
 * had without the ones before: an answer that is taken over goes on exactly where it stopped.
 */
import type { PromptMessage } from '@spool/events'
import { parseDemoModel, type DemoModel } from './demo-model.ts'
import { lastUserText } from './last-user-text.ts'

export interface DemoScript {
  length: number
  token(index: number): string
}

/** All tokens of an answer, for tests. Those of `demo/clock` carry the time of this call. */
export function demoScript(model: string, prompt: readonly PromptMessage[] = []): string[] {
  const parsed = parseDemoModel(model)
  if (!parsed) throw new RangeError(`There is no demo model ${JSON.stringify(model)}`)
  const script = scriptOf(parsed, prompt)
  return Array.from({ length: script.length }, (_, index) => script.token(index))
}

export function scriptOf(model: DemoModel, prompt: readonly PromptMessage[]): DemoScript {
  switch (model.mode) {
    case 'plain':
      return listed(tokensOf(greeting(lastUserText(prompt))))
    case 'echo':
      return listed(tokensOf(lastUserText(prompt)))
    case 'emoji':
      return { length: model.tokens, token: (index) => emoji[index % emoji.length] ?? '' }
    case 'clock':
      return { length: model.tokens, token: () => clockToken(performance.timeOrigin + performance.now()) }
    case 'steady':
    case 'fail':
    case 'hang':
      return { length: model.tokens, token: (index) => steadyToken(model, index) }
  }
}

/** Width of a clock token: milliseconds since 1970 with three decimals, and a space. */
export const clockTokenLength = 18

function clockToken(unixMs: number): string {
  return `${unixMs.toFixed(3)} `
}

const listed = (tokens: string[]): DemoScript => ({
  length: tokens.length,
  token: (index) => tokens[index] ?? '',
})

function greeting(said: string): string {
  const heard = said.trim() === '' ? 'You said nothing yet.' : `You said: “${said}”`
  return [
    'Hello! I am the demo model of Spool. No language model is behind me: I need no key and no network, and what I say is always the same.',
    heard,
    'Every word of this answer lies in the log before you see it. Cut the connection, kill a service, come back with the last id you saw: you will miss nothing and read nothing twice.',
    'To talk to a real model, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or write spool.config.yaml, and start again.',
  ].join('\n\n')
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
