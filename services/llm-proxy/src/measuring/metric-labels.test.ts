import { expect, test } from 'vitest'
import { callLabels, routeLabels } from './metric-labels.ts'

test.each([
  ['openai', 'openai'],
  ['azure', 'azure.ai.openai'],
  ['anthropic', 'anthropic'],
  ['google', 'gcp.gemini'],
  ['ollama', 'ollama'],
  ['openai-compatible', 'openai-compatible'],
])('%s is called %s, as the conventions do where they have a word', (provider, name) => {
  expect(callLabels(provider, 'a-model')).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': name,
    'gen_ai.request.model': 'a-model',
  })
})

test('the parameters of a demo model are no part of its name', () => {
  expect(routeLabels('demo/steady?tokens=9', 'demo', 'demo/steady?tokens=9')).toEqual({
    'spool.model': 'demo/steady',
    'gen_ai.provider.name': 'demo',
    'gen_ai.request.model': 'demo/steady',
  })
})

const labelsOf = (provider: string, model: string) => routeLabels(model, provider, model)

test('names that nobody offers, and names beyond number, are all the same to a metric', () => {
  for (let count = 0; count < 500; count++) {
    expect(labelsOf('none', `nobody-offers-${count}`)).toMatchObject({
      'spool.model': 'other',
      'gen_ai.request.model': 'other',
    })
  }
  const names = Array.from({ length: 500 }, (_, count) => labelsOf('openai', `gpt-${count}`)['gen_ai.request.model'])
  expect(names[0]).toBe('gpt-0')
  expect(new Set(names).size).toBeLessThanOrEqual(101)
})
