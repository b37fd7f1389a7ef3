import { describe, expect, test } from 'vitest'
import { ConfigError } from '../config-error.ts'
import { environmentModels } from './environment-models.ts'

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
  }
  expect(() => environmentModels(env)).toThrow(ConfigError)
  expect(() => environmentModels(env)).toThrow(/OPENAI_BASE_URL: [^]*ANTHROPIC_BASE_URL: [^]*OLLAMA_HOST: /)
  expect(() => environmentModels(env)).not.toThrow(/hunter2/)
})
