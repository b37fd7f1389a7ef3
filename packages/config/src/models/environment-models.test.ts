import { describe, expect, test } from 'vitest'
import { ConfigError } from '../config-error.ts'
import { environmentModels } from './environment-models.ts'
import { modelSettings } from './model-settings.ts'

const defaultOf = (env: Record<string, string>) => environmentModels(env).routesOf('default')

test('with nothing set, the demo model is all there is', () => {
  const models = environmentModels({ OPENAI_API_KEY: '' })
  expect(models.origin).toBe('demo')
  expect(models.routesOf('default')).toMatchObject([{ provider: 'demo', model: 'demo', continues: 'prefill' }])
  expect(models.knows('gpt-5')).toBe(false)
})

describe('each provider is known by the variables it usually has', () => {
  test.each([
    [{ OPENAI_API_KEY: 'k' }, { provider: 'openai', model: 'gpt-5-mini', keyEnv: 'OPENAI_API_KEY' }],
    [
      { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://api.openai.com/v1' },
      { provider: 'openai', continues: 'restart' },
    ],
    [
      { OPENAI_BASE_URL: 'http://localhost:8000/v1', OPENAI_MODEL: 'm' },
      { provider: 'openai-compatible', model: 'm', baseUrl: 'http://localhost:8000/v1', continues: 'prefill' },
    ],
    [
      { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'https://proxy', ANTHROPIC_MODEL: 'm' },
      { provider: 'anthropic', model: 'm', baseUrl: 'https://proxy', keyEnv: 'ANTHROPIC_API_KEY' },
    ],
    [
      { GEMINI_API_KEY: 'k', GEMINI_MODEL: 'm' },
      { provider: 'google', model: 'm', keyEnv: 'GEMINI_API_KEY' },
    ],
    [{ GOOGLE_GENERATIVE_AI_API_KEY: 'k' }, { provider: 'google', keyEnv: 'GOOGLE_GENERATIVE_AI_API_KEY' }],
    [
      { AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine', AZURE_DEPLOYMENT: 'd' },
      { provider: 'azure', model: 'd', baseUrl: 'https://mine.openai.azure.com', continues: 'restart' },
    ],
    [
      { AZURE_API_KEY: 'k', AZURE_BASE_URL: 'https://e.example', AZURE_RESOURCE_NAME: 'mine', AZURE_DEPLOYMENT: 'd' },
      { provider: 'azure', baseUrl: 'https://e.example' },
    ],
    [{ OLLAMA_HOST: '0.0.0.0' }, { provider: 'ollama', baseUrl: 'http://127.0.0.1:11434', continues: 'prefill' }],
  ])('%o', (env, route) => {
    expect(defaultOf(env as Record<string, string>)).toMatchObject([route])
  })

  test('a server of one’s own is sent no key that is not set', () => {
    expect(defaultOf({ OPENAI_BASE_URL: 'http://localhost:8000/v1' })?.[0]).not.toHaveProperty('keyEnv')
  })

  test('an Azure key without a deployment is for something else', () => {
    expect(environmentModels({ AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine' }).origin).toBe('demo')
  })
})

test('white space is no value, for any of them', () => {
  const blank = Object.fromEntries(Object.keys(modelSettings).map((name) => [name, ' \t ']))
  expect(environmentModels(blank)).toMatchObject({ origin: 'demo', hints: [] })
  const { GEMINI_API_KEY: _, ...others } = blank
  expect(environmentModels({ ...others, GEMINI_API_KEY: 'k' }).routesOf('default')).toMatchObject([
    { provider: 'google', model: 'gemini-flash-latest', keyEnv: 'GEMINI_API_KEY' },
  ])
})

describe('what is not enough for a provider is hinted at', () => {
  test.each([
    [
      { AZURE_API_KEY: 'k' },
      /^azure is not used: AZURE_API_KEY is set, but not AZURE_DEPLOYMENT, nor AZURE_RESOURCE_NAME or/,
    ],
    [{ AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'r' }, /but not AZURE_DEPLOYMENT$/],
    [{ AZURE_API_KEY: 'k', AZURE_DEPLOYMENT: 'd' }, /but not AZURE_RESOURCE_NAME or AZURE_BASE_URL$/],
    [{ OPENAI_MODEL: 'm' }, /^openai is not used: OPENAI_MODEL is set, but not OPENAI_API_KEY or OPENAI_BASE_URL$/],
    [{ OPENAI_API_KEY: ' ', OPENAI_MODEL: 'm' }, /but not OPENAI_API_KEY or OPENAI_BASE_URL$/],
    [{ ANTHROPIC_MODEL: 'm' }, /but not ANTHROPIC_API_KEY$/],
    [{ GEMINI_MODEL: 'm' }, /but not GEMINI_API_KEY or GOOGLE_GENERATIVE_AI_API_KEY$/],
    [{ OLLAMA_MODEL: 'm' }, /but not OLLAMA_HOST$/],
  ])('%o', (env, hint) => {
    expect(environmentModels(env)).toMatchObject({ origin: 'demo', hints: [expect.stringMatching(hint)] })
  })

  test('also beside a provider that can be used, and without what stands in the variables', () => {
    const models = environmentModels({ OPENAI_API_KEY: 'k', AZURE_API_KEY: 'hunter2' })
    expect(models.origin).toBe('environment')
    expect(models.hints).toEqual([expect.not.stringContaining('hunter2')])
  })

  test('and nothing where all is there', () => {
    const env = { AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine', AZURE_DEPLOYMENT: 'd', OLLAMA_HOST: 'box' }
    expect(environmentModels(env).hints).toEqual([])
  })
})

test('"default" is the first provider and no other; each has an alias of its own', () => {
  const models = environmentModels({ GEMINI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', OLLAMA_HOST: 'box' })
  expect([...models.aliases.keys()]).toEqual(['default', 'anthropic', 'google', 'ollama'])
  expect(models.routesOf('default')).toMatchObject([{ provider: 'anthropic' }])
  expect(models.routesOf('ollama')).toMatchObject([{ provider: 'ollama', baseUrl: 'http://box:11434' }])
})

test('other names are the first provider’s own', () => {
  const models = environmentModels({ OPENAI_BASE_URL: 'http://localhost:8000/v1', OPENAI_MODEL: '/models/mine.gguf' })
  for (const model of ['deepseek/r1:free', '/models/mine.gguf'])
    expect(models.routesOf(model)).toMatchObject([{ provider: 'openai-compatible', model }])
  expect(models.routesOf('demo/steady?tokens=3')).toMatchObject([{ provider: 'demo', model: 'demo/steady?tokens=3' }])
  for (const model of ['', 'a b', 'x'.repeat(300), 'a\nb', 'demo/']) expect(models.knows(model), model).toBe(false)
})

test('variables that cannot be used are named all at once, without what stands in them', () => {
  const env = {
    OPENAI_BASE_URL: 'https://me:hunter2@host/v1',
    ANTHROPIC_BASE_URL: 'host?k=hunter2',
    OLLAMA_HOST: 'a b',
    AZURE_RESOURCE_NAME: 'https://mine?api-key=hunter2',
  }
  expect(() => environmentModels(env)).toThrow(ConfigError)
  expect(() => environmentModels(env)).toThrow(
    /OPENAI_BASE_URL: [^]*ANTHROPIC_BASE_URL: [^]*AZURE_RESOURCE_NAME: [^]*OLLAMA_HOST: /,
  )
  expect(() => environmentModels(env)).not.toThrow(/hunter2/)
})
