import type { Environment } from '../load-config.ts'
import { isSet } from '../is-set.ts'
import type { modelSettings } from './model-settings.ts'

type Variable = keyof typeof modelSettings

interface Needed {
  readonly provider: string
  /** One of each list has to be set. */
  readonly all: readonly (readonly Variable[])[]
  readonly further: readonly Variable[]
}

const needed: readonly Needed[] = [
  { provider: 'openai', all: [['OPENAI_API_KEY', 'OPENAI_BASE_URL']], further: ['OPENAI_MODEL'] },
  { provider: 'anthropic', all: [['ANTHROPIC_API_KEY']], further: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL'] },
  { provider: 'google', all: [['GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY']], further: ['GEMINI_MODEL'] },
  {
    provider: 'azure',
    all: [['AZURE_API_KEY'], ['AZURE_DEPLOYMENT'], ['AZURE_RESOURCE_NAME', 'AZURE_BASE_URL']],
    further: [],
  },
  { provider: 'ollama', all: [['OLLAMA_HOST']], further: ['OLLAMA_MODEL'] },
]

/** What is still missing of each provider of which something is set, but not enough to ask it. */
export function incompleteProviders(env: Environment): string[] {
  return needed.flatMap(({ provider, all, further }) => {
    const set = [...all.flat(), ...further].filter((name) => isSet(env, name))
    const missing = all.filter((names) => !names.some((name) => isSet(env, name))).map((names) => names.join(' or '))
    if (set.length === 0 || missing.length === 0) return []
    return [
      `${provider} is not used: ${set.join(', ')} ${set.length > 1 ? 'are' : 'is'} set, but not ${missing.join(', nor ')}`,
    ]
  })
}
