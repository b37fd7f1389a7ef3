import { providerErrorCodes, type ProviderErrorCode } from '../provider-error.ts'

/**
 * The names of the demo model. `demo` talks to people, `demo/agent` plays an agent with what it is offered:
 *
 *   demo/agent    proposes a plan where it is offered `propose_plan`, and again with each change that is asked for;
 *                 calls the tools that the words ask for, several at once (a time, a sum, "wait", "postcard",
 *                 "document", or any tool by its name, with its arguments as JSON behind: `fetch {"url": "…"}`),
 *                 without a hint `clock` and `demo_wait`; then tells what came of them. Answers in the language that
 *                 the instructions ask for. Finds facts to remember, and summarises (`demo` does that too).
 *
 * The others are for tests and benchmarks, which know every token in advance:
 *
 *   demo/calls    calls what the user's words say, round by round, whatever it is offered:
 *                 [[{"name": "clock", "input": {}}, {"name": "demo_wait", "input": {"seconds": 1}}], [{"name": …}]]
 *   demo/steady?tokens=200&tps=50&seed=7   words that follow from the seed
 *   demo/emoji?count=100000&tps=100        one emoji per token
 *   demo/clock?tokens=200&tps=50           each token is the time at which it was made
 *   demo/echo?tps=100                      what the user said, verbatim
 *   demo/fail?after=5&code=provider_broken&once=1   fails at that token; with `once` only where nothing was kept
 *   demo/hang?after=5                      says nothing more from that token on, until it is aborted
 *
 * `tps` is tokens per second; 0 or absent (but for `demo` and `demo/agent`) means as fast as they are taken. With
 * `window=2000` any of them takes no prompt of more tokens, as Spool estimates them.
 */
export interface DemoModel {
  mode: DemoMode
  tokens: number
  tokensPerSecond: number
  seed: number
  after: number
  code: ProviderErrorCode
  once: boolean
  /** Tokens that a prompt may have; 0: any number. */
  window: number
}

const modes = ['plain', 'agent', 'calls', 'steady', 'emoji', 'clock', 'echo', 'fail', 'hang'] as const
export type DemoMode = (typeof modes)[number]

const readingSpeed = 30
const readAlong: ReadonlySet<DemoMode | undefined> = new Set(['plain', 'agent'])
const maxTokens = 10_000_000

/** Undefined for a name that is none of the above, or has a parameter that makes no sense. */
export function parseDemoModel(name: string): DemoModel | undefined {
  const [path, query = '', ...rest] = name.split('?')
  const mode =
    path === 'demo' ? 'plain' : modes.find((candidate) => candidate !== 'plain' && path === `demo/${candidate}`)
  const parameters = new URLSearchParams(query)
  const numbers = {
    tokens: wholeNumber(parameters.get('tokens') ?? parameters.get('count') ?? '200'),
    tokensPerSecond: wholeNumber(parameters.get('tps') ?? (readAlong.has(mode) ? String(readingSpeed) : '0')),
    seed: wholeNumber(parameters.get('seed') ?? '1'),
    after: wholeNumber(parameters.get('after') ?? '0'),
    window: wholeNumber(parameters.get('window') ?? '0'),
  }
  const wanted = parameters.get('code') ?? 'provider_broken'
  const code = providerErrorCodes.find((candidate) => candidate === wanted)
  if (!mode || !code || rest.length > 0 || Object.values(numbers).some(Number.isNaN)) return undefined
  return { mode, ...numbers, code, once: parameters.get('once') === '1' }
}

function wholeNumber(text: string): number {
  return /^\d{1,8}$/.test(text) && Number(text) <= maxTokens ? Number(text) : Number.NaN
}
