import { expect, test } from 'vitest'
import { ProviderChoice } from './choose-provider.ts'

const chosen = (choice: ProviderChoice, model: string) => {
  const { name, model: theirs } = choice.choose(model)
  return `${name} ${theirs}`
}

test('with nothing set, "default" is the demo model and other names are unknown', () => {
  const choice = new ProviderChoice({})
  expect(chosen(choice, 'default')).toBe('demo demo')
  expect(chosen(choice, 'demo/steady?tokens=3')).toBe('demo demo/steady?tokens=3')
  expect(choice.knownModel('gpt-5')).toBe(false)
  expect(() => choice.choose('gpt-5')).toThrow(expect.objectContaining({ code: 'provider_unknown_model' }))
})

test('with a key or a base URL, "default" is the model that was named, and other names are the provider\'s', () => {
  for (const settings of [{ apiKey: 'k' }, { baseUrl: 'http://localhost:11434/v1' }]) {
    const choice = new ProviderChoice({ ...settings, model: 'llama3' })
    expect(chosen(choice, 'default')).toBe('openai-compatible llama3')
    expect(chosen(choice, 'deepseek/r1:free')).toBe('openai-compatible deepseek/r1:free')
    expect(chosen(choice, 'demo')).toBe('demo demo')
  }
})

test("what could not be a model's name, or is a demo model that does not exist, is not known", () => {
  const choice = new ProviderChoice({ apiKey: 'k' })
  for (const model of ['', 'a b', 'x'.repeat(300), 'a\nb', 'demo/poem', 'demo/steady?tokens=many']) {
    expect(choice.knownModel(model)).toBe(false)
    expect(() => choice.choose(model)).toThrow(expect.objectContaining({ code: 'provider_unknown_model' }))
  }
})

test("OpenAI's own models do not go on after a text; other servers do", () => {
  expect(new ProviderChoice({ apiKey: 'k' }).choose('default').continuesText).toBe(false)
  expect(new ProviderChoice({ baseUrl: 'http://localhost:8000/v1' }).choose('default').continuesText).toBe(true)
  expect(new ProviderChoice({}).choose('default').continuesText).toBe(true)
})
