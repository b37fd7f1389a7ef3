import { z } from 'zod'
import { type Environment, loadConfig } from '../load-config.ts'
import { completeRoute, type GivenRoute } from './complete-route.ts'
import { isSet } from '../is-set.ts'
import { incompleteProviders } from './incomplete-providers.ts'
import { demoRoute, ModelCatalogue } from './model-catalogue.ts'
import { modelSettings } from './model-settings.ts'
import { ollamaAddress } from './ollama-address.ts'
import { providerDefaults } from './provider-defaults.ts'
import type { ProviderName } from './route-settings.ts'

type Settings = ReturnType<typeof readSettings>

function readSettings(env: Environment) {
  const set = Object.keys(modelSettings).filter((name) => isSet(env, name))
  return loadConfig(z.object(modelSettings), Object.fromEntries(set.map((name) => [name, env[name]])))
}

/**
 * The models of somebody who wrote no file. `default` is the first provider that the environment names, and only that
 * one: the others may be there for something else, and failing over to them would spend money nobody meant to spend.
 */
export function environmentModels(env: Environment): ModelCatalogue {
  const settings = readSettings(env)
  const named = [openAi, anthropic, google, azure, ollama]
    .map((from) => from(settings))
    .filter((one) => one !== undefined)
  const routes = named.map(({ alias, route }) => [alias, [completeRoute(route, env)]] as const)
  const hints = incompleteProviders(env)
  const [first] = routes
  if (!first) return new ModelCatalogue({ origin: 'demo', aliases: new Map([['default', [demoRoute('demo')]]]), hints })
  return new ModelCatalogue({
    origin: 'environment',
    aliases: new Map([['default', first[1]], ...routes]),
    others: first[1][0],
    hints,
  })
}

interface Named {
  alias: ProviderName
  route: GivenRoute
}

const modelOf = (provider: ProviderName, given: string | undefined) => given ?? providerDefaults[provider].model ?? ''

function openAi({ OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: model }: Settings): Named | undefined {
  if (!key && !baseUrl) return undefined
  const isOpenAi = !baseUrl || URL.parse(baseUrl)?.hostname === 'api.openai.com'
  const route: GivenRoute = {
    provider: isOpenAi ? 'openai' : 'openai-compatible',
    model: modelOf('openai', model),
    baseUrl,
    // Servers of one's own often need none.
    keyEnv: key || isOpenAi ? 'OPENAI_API_KEY' : undefined,
  }
  return { alias: 'openai', route }
}

function anthropic(settings: Settings): Named | undefined {
  if (!settings.ANTHROPIC_API_KEY) return undefined
  const model = modelOf('anthropic', settings.ANTHROPIC_MODEL)
  return { alias: 'anthropic', route: { provider: 'anthropic', model, baseUrl: settings.ANTHROPIC_BASE_URL } }
}

function google(settings: Settings): Named | undefined {
  if (!settings.GOOGLE_GENERATIVE_AI_API_KEY && !settings.GEMINI_API_KEY) return undefined
  return { alias: 'google', route: { provider: 'google', model: modelOf('google', settings.GEMINI_MODEL) } }
}

function azure(settings: Settings): Named | undefined {
  const { AZURE_API_KEY: key, AZURE_BASE_URL: baseUrl, AZURE_DEPLOYMENT: model } = settings
  if (!key || !model || !(baseUrl || settings.AZURE_RESOURCE_NAME)) return undefined
  return { alias: 'azure', route: { provider: 'azure', model, baseUrl } }
}

function ollama({ OLLAMA_HOST: host, OLLAMA_MODEL: model }: Settings): Named | undefined {
  if (!host) return undefined
  return {
    alias: 'ollama',
    route: { provider: 'ollama', model: modelOf('ollama', model), baseUrl: ollamaAddress(host) },
  }
}
