import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { RouteSettings } from '@spool/config'
import type { GenerateRequest } from '../provider.ts'
import { routeParameters } from '../route-parameters.ts'
import type { FileTaker } from './sdk-file.ts'
import { sdkPrompt, sdkTools } from './sdk-prompt.ts'

/** A request in the words of the SDK. */
export function callOptions(
  { prompt, parameters, tools }: GenerateRequest,
  keptText: string,
  route: RouteSettings,
  supportedUrls: FileTaker['supportedUrls'],
): LanguageModelV4CallOptions {
  const { temperature, max_tokens, reasoning, top_p, stop, seed } = routeParameters(route, parameters)
  return {
    prompt: sdkPrompt(prompt, keptText, { provider: route.provider, model: route.model, supportedUrls }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
    ...(reasoning !== undefined && { reasoning }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(stop !== undefined && { stopSequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(tools && tools.length > 0 && { tools: sdkTools(tools) }),
  }
}
