import { setTimeout as wait } from 'node:timers/promises'
import { type ReplayPart, estimateTokens, estimateTools } from '@spool/events'
import { ProviderError } from '../provider-error.ts'
import type { Chunk, GenerateRequest, Provider } from '../provider.ts'
import type { DemoModel } from './demo-model.ts'
import { clockTokenLength, scriptOf, type DemoScript } from './demo-script.ts'
import { pace } from './pace.ts'

/** A model that is none: deterministic, offline, at any speed. See `demo-model.ts` for what it can be asked. */
export class DemoProvider implements Provider {
  readonly name = 'demo'
  readonly model: string
  readonly #demo: DemoModel

  constructor(model: string, demo: DemoModel) {
    this.model = model
    this.#demo = demo
  }

  async *generate(request: GenerateRequest): AsyncGenerator<Chunk, void, undefined> {
    try {
      yield* this.#say(request)
    } catch (error) {
      // Timers wrap the reason of an abort in an error of their own.
      throw request.signal.aborted ? request.signal.reason : error
    }
  }

  async *#say(request: GenerateRequest): AsyncGenerator<Chunk, void, undefined> {
    const { prompt, keptText, parameters, tools = [], signal } = request
    const inputTokens = estimateTokens(prompt) + estimateTools([...tools])
    this.#refuseTooLong(inputTokens)
    const script = scriptOf(this.#demo, prompt, tools)
    const { index: first, said } = placeAfter(keptText, script, this.#demo)
    const most = parameters.max_tokens ?? Infinity
    const end = Math.max(first, Math.min(script.length, first + most))
    const breaksAt = this.#breaksAt(keptText)
    const due = pace(script.isAside ? 0 : this.#demo.tokensPerSecond, signal)
    for (let index = first; index < end; index++) {
      if (index >= breaksAt) await this.#break(signal)
      await due(index - first)
      signal.throwIfAborted()
      const token = script.token(index)
      yield { type: 'text', text: index === first ? token.slice(said) : token }
    }
    let spoken = end - first
    let isCut = end < script.length
    const replay: ReplayPart[] = []
    for (const [index, { name, input, tokens }] of script.calls.entries()) {
      const call = `call-${index + 1}`
      for (const text of tokens) {
        isCut ||= spoken >= most
        if (isCut) break
        await due(spoken++)
        signal.throwIfAborted()
        yield { type: 'tool-input', call, name, text }
      }
      if (isCut) break
      yield { type: 'tool-call', call, name, input }
      replay.push({ type: 'tool_call', call })
    }
    signal.throwIfAborted()
    yield {
      type: 'finish',
      reason: isCut ? 'length' : replay.length > 0 ? 'tool_calls' : 'stop',
      usage: { input_tokens: inputTokens, output_tokens: spoken, cached_tokens: 0, reasoning_tokens: 0 },
      response: { model: this.model },
      // By this it knows later which rounds of calls are those of the same run.
      ...(replay.length > 0 && { replay }),
    }
  }

  #refuseTooLong(inputTokens: number): void {
    const { window } = this.#demo
    if (window === 0 || inputTokens <= window) return
    throw new ProviderError(
      'provider_context_too_long',
      `The conversation is too long for ${this.model}: ${inputTokens} tokens. Begin a new one, or choose a model that takes more.`,
    )
  }

  #breaksAt(keptText: string): number {
    const { mode, once, after } = this.#demo
    if (mode === 'hang') return after
    return mode === 'fail' && !(once && keptText !== '') ? after : Infinity
  }

  async #break(signal: AbortSignal): Promise<never> {
    const { mode, code, after } = this.#demo
    if (mode === 'hang') return forever(signal)
    throw new ProviderError(code, `The demo model fails at token ${after}, as it was asked to. Ask for another model.`)
  }
}

/** Where the kept text ends: the token, and how much of that token was said already. */
function placeAfter(keptText: string, script: DemoScript, demo: DemoModel): { index: number; said: number } {
  if (demo.mode === 'clock') return { index: Math.floor(keptText.length / clockTokenLength), said: 0 }
  let position = 0
  let index = 0
  while (index < script.length && position < keptText.length) {
    const token = script.token(index)
    const rest = keptText.length - position
    if (!(rest < token.length ? token.startsWith(keptText.slice(position)) : keptText.startsWith(token, position)))
      break
    if (rest < token.length) return { index, said: rest }
    position += token.length
    index++
  }
  if (position === keptText.length) return { index, said: 0 }
  throw new ProviderError('provider_bad_request', 'The demo model never said what it is to go on after. Begin anew.')
}

const longestTimerMs = 2 ** 31 - 1

async function forever(signal: AbortSignal): Promise<never> {
  for (;;) await wait(longestTimerMs, undefined, { signal })
}
