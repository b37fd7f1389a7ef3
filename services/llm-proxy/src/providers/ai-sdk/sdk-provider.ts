import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { RouteSettings } from '@spool/config'
import type { Usage } from '@spool/events'
import { ProviderError } from '../provider-error.ts'
import type { Chunk, GenerateRequest, Provider } from '../provider.ts'
import { CallDeadline } from './call-deadline.ts'
import { callOptions } from './call-options.ts'
import { PartReader } from './chunk-of-part.ts'
import { classifyError, type RefusalHabits } from './classify-error.ts'
import type { Endings } from './end-of-answer.ts'
import { prepareSeam } from './seam.ts'

type ProviderOptions = NonNullable<LanguageModelV4CallOptions['providerOptions']>

export interface SdkProviderOptions extends RefusalHabits, Endings {
  readonly languageModel: LanguageModelV4
  /** Only to keep it out of texts. */
  readonly key?: string | undefined
  /** The tokens used so far, where a frame of this provider tells. */
  readonly usageOfFrame?: (frame: unknown) => Usage | undefined
  /** What the package of this provider is told beyond what all are. */
  readonly providerOptions?: (call: LanguageModelV4CallOptions) => ProviderOptions
}

/** Any model that the Vercel AI SDK has a package for, through its `doStream`: that package knows the wire format. */
export class SdkProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly #route: RouteSettings
  readonly #options: SdkProviderOptions
  readonly #secrets: readonly string[]

  constructor(route: RouteSettings, options: SdkProviderOptions) {
    this.name = route.provider
    this.model = route.model
    this.#route = route
    this.#options = options
    this.#secrets = options.key ? [options.key] : []
  }

  async *generate(request: GenerateRequest): AsyncGenerator<Chunk, void, undefined> {
    const { languageModel, providerOptions, usageOfFrame } = this.#options
    const { firstTokenTimeoutMs: firstTokenMs, stallTimeoutMs: stallMs } = this.#route
    const deadline = new CallDeadline({ firstTokenMs, stallMs }, this.name)
    const parts = new PartReader(this.#options, request.keptText !== '', this.#secrets)
    const seam = prepareSeam(request.keptText, this.#route.repeats)
    let answering = false
    try {
      request.signal.throwIfAborted()
      const call = callOptions(request, seam.sent, this.#route, await languageModel.supportedUrls)
      if (providerOptions) call.providerOptions = providerOptions(call)
      call.abortSignal = AbortSignal.any([request.signal, deadline.signal])
      if (usageOfFrame && request.spent) call.includeRawChunks = true
      const { stream } = await deadline.during(languageModel.doStream(call))
      const reader = stream.getReader()
      for (;;) {
        const { done, value } = await deadline.during(reader.read())
        if (done)
          throw new ProviderError('provider_broken', `${this.name} stopped before the end of its answer. Try again.`)
        if (value.type === 'raw') {
          const usage = usageOfFrame?.(value.rawValue)
          if (usage) request.spent?.(usage)
          continue
        }
        if (value.type === 'reasoning-start') deadline.thinking(true)
        else if (value.type === 'reasoning-end' || value.type === 'text-start') deadline.thinking(false)
        const chunk = parts.read(value)
        if (!chunk) continue
        answering = true
        deadline.answering()
        const isText = chunk.type === 'text'
        // Reasoning may come in between; after a call or the end nothing is repeated any more.
        const text = isText ? seam.join(chunk.text) : chunk.type === 'reasoning' ? '' : seam.flush()
        if (text !== '') yield { type: 'text', text }
        if (!isText) yield chunk
        if (chunk.type === 'finish') return
      }
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw this.#classified(error, answering)
    } finally {
      // Also reached when the reader leaves early: the provider must not go on talking to nobody.
      deadline.close()
    }
  }

  #classified(error: unknown, answering: boolean): ProviderError {
    const { name: provider, model } = this
    const about = { provider, model, keyVariable: this.#route.keyEnv, secrets: this.#secrets, answering }
    return classifyError(error, { ...this.#options, ...about })
  }
}
