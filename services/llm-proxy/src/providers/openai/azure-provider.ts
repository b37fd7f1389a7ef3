import { createAzure } from '@ai-sdk/azure'
import type { RouteSettings } from '@spool/config'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { azureRefusalCode } from './azure-refusals.ts'
import { responsesLineBytes } from './responses-line-bytes.ts'
import { responsesOptions } from './responses-options.ts'

/**
 * Azure OpenAI. Without an `api_version` through the v1 API, which has none: `<endpoint>/openai/v1/responses`. A dated one
 * (`2024-10-21`) is of the API before it, which has a path for each deployment:
 * `<endpoint>/openai/deployments/<deployment>/chat/completions?api-version=…`.
 */
export function azureProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  const { key = '' } = options
  const { baseUrl = '', apiVersion, model: deployment } = route
  const isDated = apiVersion !== undefined && /^\d/.test(apiVersion)
  const endpoint = azureEndpoint(baseUrl)
  const sdk = createAzure({
    baseURL: isDated ? endpoint : `${endpoint}/v1`,
    apiKey: key,
    fetch: providerFetch(options, responsesLineBytes),
    ...(isDated && { apiVersion, useDeploymentBasedUrls: true }),
  })
  return new SdkProvider(route, {
    languageModel: isDated ? sdk.chat(deployment) : sdk.responses(deployment),
    key,
    providerOptions: (call) => ({
      openai: {
        // The older API keeps nothing, and refuses to be told so.
        ...(!isDated && responsesOptions(call)),
        // Who asks for reasoning has a model that does: the name of a deployment does not tell.
        ...(call.reasoning !== undefined && { forceReasoning: true }),
      },
    }),
    refusalCode: azureRefusalCode,
  })
}

/** `https://<resource>.openai.azure.com/openai`, however much of it was given. */
function azureEndpoint(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '').replace(/\/openai(\/v1)?$/, '')}/openai`
}
