import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { ProviderError } from '../provider-error.ts'
import type { Chunk, GenerateRequest, Provider } from '../provider.ts'
import { CallDeadline, type CallTimeouts } from './call-deadline.ts'
import { PartReader } from './chunk-of-part.ts'
import { classifyError } from './classify-error.ts'
import { prepareSeam } from './seam.ts'
import { sdkPrompt, sdkTools } from './sdk-prompt.ts'

export interface SdkProviderOptions {
  name: string
  languageModel: LanguageModelV4
  continuesText: boolean
  timeouts: CallTimeouts
  keyVariable: string
  secrets: readonly string[]
}

/** Any model that the Vercel AI SDK has a package for, through its `doStream`: that package knows the wire format. */
export class SdkProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly continuesText: boolean
  readonly #options: SdkProviderOptions

  constructor(options: SdkProviderOptions) {
    this.name = options.name
    this.model = options.languageModel.modelId
    this.continuesText = options.continuesText
    this.#options = options
  }

  async *generate(request: GenerateRequest): AsyncGenerator<Chunk, void, undefined> {
    const { languageModel, timeouts, ...about } = this.#options
    const deadline = new CallDeadline(timeouts, this.name)
    const parts = new PartReader()
    const seam = prepareSeam(request.keptText)
    let answering = false
    try {
      request.signal.throwIfAborted()
      const abortSignal = AbortSignal.any([request.signal, deadline.signal])
      const call = { ...callOptions(request, seam.sent), abortSignal }
      const { stream } = await deadline.during(languageModel.doStream(call))
      const reader = stream.getReader()
      for (;;) {
        const { done, value } = await deadline.during(reader.read())
        if (done) throw new ProviderError('provider_broken', `${this.name} stopped before the end of its answer.`)
        const chunk = parts.read(value)
        if (!chunk) continue
        answering = true
        deadline.answering()
        if (chunk.type === 'text') {
          const text = seam.join(chunk.text)
          if (text !== '') yield { type: 'text', text }
        } else {
          yield chunk
          if (chunk.type === 'finish') return
        }
      }
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw classifyError(error, { provider: this.name, model: this.model, answering, ...about })
    } finally {
      // Also reached when the reader leaves early: the provider must not go on talking to nobody.
      deadline.close()
    }
  }
}

function callOptions({ prompt, parameters, tools }: GenerateRequest, keptText: string): LanguageModelV4CallOptions {
  const { temperature, max_tokens, top_p, stop, seed } = parameters
  return {
    prompt: sdkPrompt(prompt, keptText),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(stop !== undefined && { stopSequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(tools && tools.length > 0 && { tools: sdkTools(tools) }),
  }
}
