// oxlint-disable-next-line import/no-unassigned-import
import './ai-sdk/forget-empty-settings.ts'
import type { RouteSettings } from '@spool/config'
import { anthropicProvider } from './anthropic/anthropic-provider.ts'
import { DemoProvider } from './demo/demo-provider.ts'
import { parseDemoModel } from './demo/demo-model.ts'
import { googleProvider } from './google/google-provider.ts'
import { ollamaProvider } from './ollama/ollama-provider.ts'
import { azureProvider } from './openai/azure-provider.ts'
import { compatibleProvider } from './openai/compatible-provider.ts'
import { openAiProvider } from './openai/openai-provider.ts'
import type { OpenOptions } from './open-options.ts'
import { ProviderError } from './provider-error.ts'
import type { Provider } from './provider.ts'
import { refusingProvider } from './refusing-provider.ts'

export type { OpenOptions } from './open-options.ts'

/**
 * The way to one model; no connection is made before it is called. The route's temperature, max_tokens and reasoning
 * count where the request says nothing of them.
 */
export function openProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  const { key: given, ...others } = options
  // A file that is read into a variable brings its last newline along.
  const key = given?.trim()
  if (key !== undefined && !sendableKey.test(key))
    return refusingProvider(route.provider, route.model, unsendable(route))
  return open(route, { ...others, ...(key && { key }) })
}

function open(route: RouteSettings, options: OpenOptions): Provider {
  switch (route.provider) {
    case 'openai':
      return openAiProvider(route, options)
    case 'azure':
      return azureProvider(route, options)
    case 'openai-compatible':
      return compatibleProvider(route, options)
    case 'anthropic':
      return anthropicProvider(route, options)
    case 'google':
      return googleProvider(route, options)
    case 'ollama':
      return ollamaProvider(route, options)
    case 'demo':
      return openDemo(route.model)
  }
}

function openDemo(model: string): Provider {
  const demo = parseDemoModel(model)
  return demo ? new DemoProvider(model, demo) : refusingProvider('demo', model, unknownModel(model))
}

/** What may stand in a header. Checked here, because the error of `fetch` would say what the key is. */
const sendableKey = /^[\x21-\x7e]*$/

const unsendable = ({ provider, keyEnv }: RouteSettings) =>
  new ProviderError('provider_refused', `The key for ${provider} holds characters that no key has. Check ${keyEnv}.`)

const unknownModel = (model: string) =>
  new ProviderError('provider_unknown_model', `There is no model ${JSON.stringify(model.slice(0, 100))}.`)
