import { expect, test } from 'vitest'
import { modelsOf, problemsOf } from '../../test/support/config-of.ts'

const routeWith = (fields: string) => `models:\n  default:\n    - provider: openai\n      model: m\n      ${fields}\n`

test('a key that is named but not set is told to who needs it, and to nobody else', () => {
  const text = `models:
  default:
    - { provider: openai, model: m, key_env: MY_KEY }
    - { provider: google, model: m }
    - { provider: ollama, model: m }
`
  expect(problemsOf(text)).toEqual([])
  expect(problemsOf(text, { MY_KEY: '', GEMINI_API_KEY: 'k' }, { requireKeys: true })).toEqual([
    expect.stringMatching(/^3 {2}models\.default\[0\]\.key_env: MY_KEY is not set in the environment\. Set it, /),
  ])
  expect(problemsOf(text, { MY_KEY: 'k' }, { requireKeys: true })).toEqual([
    expect.stringMatching(/^4 .*provider: GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY is not set/),
  ])
  expect(modelsOf(text, { GEMINI_API_KEY: 'k' }).routesOf('default')?.[1]?.keyEnv).toBe('GEMINI_API_KEY')
})

test.each([
  ['a key where its variable belongs', 'key_env: sk-ant-api03-hunter2hunter2hunter2', /looks like a key/],
  ['one without a sign', 'key_env: 0123456789abcdefhunter2hunter2ab', /key_env: this looks like a key/],
  ['one in capitals', 'key_env: ABCDEFGHIJKLMNOPQRSTUVWXHUNTER2', /key_env: this looks like a key/],
  ['a short one', 'key_env: Hunter2', /key_env: must be the name of an environment variable/],
  ['one in a list', 'key_env: [hunter2]', /key_env: must be the name of/],
  ['one that became a field', 'hunter2:', /\[0\]\.…: there is no such field/],
  ['a field for it', 'api_key: hunter2', /api_key: no key may stand in this file/],
  ['one in a comment', '# sk-proj-hunter2hunter2hunter2', /^5 {2}this looks like a key/],
  ['one as the name of a field', 'sk-proj-hunter2hunter2hunter2: 1', /looks like a key/],
  ['a password in an address', 'base_url: https://me:hunter2@host/v1', /base_url: must be a URL/],
  ['one in a query', 'base_url: https://host/v1?api-key=hunter2', /base_url: must be a URL/],
  ['one in a place where a word belongs', 'reasoning: hunter2', /reasoning: must be one of/],
  ['one that YAML trips over', 'key_env: |hunter2\n        x', /^5 {2}this cannot stand here/],
  ['one in a broken line', '"hunter2" hunter2', /^5 /],
])('%s is found, and not shown', (_, fields, problem) => {
  const problems = problemsOf(routeWith(fields), { OPENAI_API_KEY: 'k' }, { requireKeys: true }).join('\n')
  expect(problems).toMatch(problem)
  expect(problems).not.toMatch(/is not set/)
  expect(problems).not.toMatch(/hunter2/i)
})

test.each([
  ['OpenAI’s', 'sk-proj-abcdEFGH1234abcdEFGH1234'],
  ['Azure’s', '0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['Azure’s in capitals', '0F1E2D3C4B5A69788796A5B4C3D2E1F0'],
  ['one that begins with a letter', 'F01E2D3C4B5A69788796A5B4C3D2E1F0'],
  ['a shorter one', 'A1B2C3D4E5F6G7H8'],
  ['all digits', '12345678901234567890123456789012'],
  ['Google’s, cut short', 'AIzaSyD4e5F6g7H8'],
  ['Google’s', 'AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6'],
  ['Google’s with a letter too many', 'AIzaSyA1b2-C3d4_E5f6G7h8I9j0K1l2M3n4O5p6x'],
])('a key in place of its variable is told to be none, once, and not shown: %s', (_, key) => {
  const text = routeWith(`key_env: ${key}`)
  for (const requireKeys of [true, false]) {
    const problems = problemsOf(text, {}, { requireKeys })
    expect(problems.join('\n')).toMatch(/looks like a key|must be the name of an environment variable/)
    expect(problems.join('\n')).not.toContain(key.slice(0, 8))
    expect(problems.join('\n')).not.toMatch(/is not set|\d{5}/)
  }
})

test('white space in a variable is no key', () => {
  const told = problemsOf(routeWith('key_env: MY_KEY'), { MY_KEY: ' \t' }, { requireKeys: true })
  expect(told).toEqual([expect.stringContaining('MY_KEY is not set in the environment')])
})

test('names of variables are not taken for keys', () => {
  for (const name of ['OPENAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY', 'KEY2', 'OPENAIKEY', 'TEAM_7_EU2_KEY'])
    expect(modelsOf(routeWith(`key_env: ${name}`)).routesOf('default')?.[0]?.keyEnv).toBe(name)
})

test('names of models are not taken for keys', () => {
  for (const model of ['claude-3-5-sonnet-20241022', 'accounts/fireworks/models/llama-v3p1-405b-instruct', 'task-sk-1'])
    expect(problemsOf(`models: {default: [{provider: openai, model: '${model}'}]}`)).toEqual([])
})
