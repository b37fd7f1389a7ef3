/**
 * Ollama's own API for the SDK. Its other one, `/v1`, would need nothing of ours, but drops in silence the beginning of
 * a conversation that is too long, and knows no word against it; the SDK's packages that others wrote take a cut-off
 * answer for a whole one, or read ahead without bounds. See docs/decisions/0013-ollama-by-its-own-api.md.
 */
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamResult } from '@ai-sdk/provider'
import { UnsupportedFunctionalityError } from '@ai-sdk/provider'
import {
  type FetchFunction,
  createJsonErrorResponseHandler,
  createJsonLinesResponseHandler,
  postJsonToApi,
} from '@ai-sdk/provider-utils'
import { z } from 'zod'
import { ollamaAnswer, ollamaLine } from './ollama-answer.ts'
import { ollamaRequest } from './ollama-request.ts'

export interface OllamaOptions {
  readonly model: string
  /** `http://127.0.0.1:11434`; `/v1` or `/api` at its end does no harm. */
  readonly baseUrl: string
  /** Of the model as it is to be loaded, in tokens; by default what is set where Ollama runs. */
  readonly contextWindow?: number
  /** Ollama itself asks for none; what stands before it may. */
  readonly key?: string
  readonly fetch: FetchFunction
}

const failed = createJsonErrorResponseHandler({
  errorSchema: z.object({ error: z.string() }),
  errorToMessage: ({ error }) => error,
})

export class OllamaLanguageModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4'
  readonly provider = 'ollama'
  readonly supportedUrls = {}
  readonly modelId: string
  readonly #options: OllamaOptions

  constructor(options: OllamaOptions) {
    this.modelId = options.model
    this.#options = options
  }

  async doStream(call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const { baseUrl, key, contextWindow, fetch } = this.#options
    const { value: lines, responseHeaders: headers } = await postJsonToApi({
      url: `${baseUrl.replace(/\/+$|\/(v1|api)\/*$/, '')}/api/chat`,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...call.headers },
      body: ollamaRequest(this.modelId, call, contextWindow),
      successfulResponseHandler: createJsonLinesResponseHandler(ollamaLine),
      failedResponseHandler: failed,
      ...(call.abortSignal && { abortSignal: call.abortSignal }),
      fetch,
    })
    return { stream: ReadableStream.from(ollamaAnswer(lines)), ...(headers && { response: { headers } }) }
  }

  doGenerate(): never {
    throw new UnsupportedFunctionalityError({ functionality: 'answers that do not stream' })
  }
}
