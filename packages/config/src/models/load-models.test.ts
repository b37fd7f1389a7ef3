import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, modelsOf, problemsOf } from '../../test/support/config-of.ts'
import { completeRoute } from './complete-route.ts'
import { windowOfRoute } from './known-window.ts'
import { loadModels } from './load-models.ts'
import { ConfigFileInvalid } from '../file/config-file-invalid.ts'

describe('a file of models', () => {
  test('gives each alias its routes in order, with the defaults of their providers', () => {
    const models = modelsOf(`
models:
  default:
    - provider: anthropic
      model: claude-sonnet-4-5
      first_token_timeout_ms: 20000
      max_concurrency: 100
      context_window: 150000
    - provider: openai
      model: gpt-5-mini
      key_env: SECOND_KEY
      continue: end
  local/small: [{ provider: openai-compatible, model: /models/m.gguf, base_url: 'http://box/v1', repeats: true }]
`)
    expect(models.origin).toBe('file')
    expect(models.file).toMatch(/^\/.*\/spool\.config\.yaml$/)
    expect(models.routesOf('default')).toEqual([
      {
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        keyEnv: 'ANTHROPIC_API_KEY',
        continues: 'prefill',
        repeats: false,
        firstTokenTimeoutMs: 20_000,
        stallTimeoutMs: 30_000,
        maxConcurrency: 100,
        contextWindow: 150_000,
        attempts: 3,
      },
      {
        provider: 'openai',
        model: 'gpt-5-mini',
        keyEnv: 'SECOND_KEY',
        continues: 'end',
        repeats: false,
        firstTokenTimeoutMs: 30_000,
        stallTimeoutMs: 30_000,
        attempts: 3,
      },
    ])
    expect(models.routesOf('local/small')).toMatchObject([{ model: '/models/m.gguf', repeats: true }])
    expect(models.routesOf('local/small')?.[0]).not.toHaveProperty('keyEnv')
    expect(models.knows('demo/echo')).toBe(true)
    expect(models.knows('gpt-5-mini')).toBe(false)
  })

  test('anchors, aliases, merge keys and a place for them', () => {
    const models = modelsOf(`
x-shared: &patient { stall_timeout_ms: 60000, attempts: 5 }
models:
  default:
    - &main { <<: *patient, provider: ollama, model: llama3.2, attempts: 2 }
  again: [*main]
`)
    expect(models.routesOf('default')).toMatchObject([{ stallTimeoutMs: 60_000, attempts: 2 }])
    expect(models.routesOf('again')).toEqual(models.routesOf('default'))
  })

  test('OpenAI’s own models restart, also at the address of another kind of provider', () => {
    for (const [url, continues] of [
      ['https://api.openai.com/v1', 'restart'],
      ['http://box/v1', 'prefill'],
    ]) {
      const models = modelsOf(`models: {default: [{provider: openai-compatible, model: m, base_url: '${url}'}]}`)
      expect(models.routesOf('default')).toMatchObject([{ continues }])
    }
  })

  test('SPOOL_CONFIG names another one, or none', () => {
    const folder = folderWith('nonsense')
    writeFileSync(join(folder, 'mine.yaml'), 'models: {default: [{provider: ollama, model: m}]}')
    expect(loadModels({ SPOOL_CONFIG: 'mine.yaml' }, { folder }).file).toBe(join(folder, 'mine.yaml'))
    expect(loadModels({ SPOOL_CONFIG: 'none', OPENAI_API_KEY: 'k' }, { folder }).origin).toBe('environment')
    expect(() => loadModels({ SPOOL_CONFIG: '' }, { folder })).toThrow(ConfigFileInvalid)
  })

  test('counts alone: the variables of other providers add nothing', () => {
    const models = modelsOf('models: {default: [{provider: ollama, model: m}]}', { OPENAI_API_KEY: 'k' })
    expect(models.knows('openai')).toBe(false)
  })
})

describe('a file that cannot be used', () => {
  test('is told everything at once, each with its line', () => {
    const problems = problemsOf(`models:
  demo:
    - provider: demo
      model: demo
  fast one: []
  default:
    - provider: antropic
      model: claude-sonnet-4-5
      atempts: 3
    - provider: openai
      attempts: 50
      temperature: hot
      continue: prefil
      api_version: v1
      repeats: 1
      stall_timeout_ms: 1.5
    - provider: openai-compatible
      model: 'two words'
      base_url: box:8000
    - provider: azure
      model:
    - nothing
  empty: []
  loose:
    provider: openai
extra: 1
`)
    expect(problems).toEqual([
      '2  models.demo: must be called something with letters, digits and ._:/@+- (1 to 200), but not demo, which is built in',
      '5  models.…: must be a list of at least one route, each beginning with "- provider:"',
      '5  models.…: must be called something with letters, digits and ._:/@+- (1 to 200), but not demo, which is built in',
      '7  models.default[0].provider: must be one of openai, azure, anthropic, google, ollama, openai-compatible, demo; did you mean anthropic?',
      '9  models.default[0].atempts: there is no such field; did you mean attempts?',
      '10  models.default[1].model: is missing; must be a text of 1 to 200 characters without spaces',
      '11  models.default[1].attempts: 50 must be a whole number from 1 to 20',
      '12  models.default[1].temperature: must be a number from 0 to 2',
      '13  models.default[1].continue: must be one of prefill, restart, end; did you mean prefill?',
      '14  models.default[1].api_version: means nothing to openai; leave it out',
      '15  models.default[1].repeats: 1 must be true or false',
      '16  models.default[1].stall_timeout_ms: 1.5 must be a whole number from 1 to 3600000',
      '18  models.default[2].model: must be a text of 1 to 200 characters without spaces',
      '19  models.default[2].base_url: must be a URL (http, https) without user, password, query or fragment',
      '20  models.default[3].base_url: is missing; give the endpoint of the resource, or set AZURE_RESOURCE_NAME',
      '21  models.default[3].model: is empty; must be a text of 1 to 200 characters without spaces',
      '22  models.default[4]: must be a map with provider and model',
      '23  models.empty: must be a list of at least one route, each beginning with "- provider:"',
      '24  models.loose: must be a list of at least one route, each beginning with "- provider:"',
      '26  extra: there is no such field; there are models, default_agent, agents, tools, mcp_servers, limits',
    ])
  })

  test.each([
    ['', /^1 {2}is empty/],
    ['# only a comment\n', /is empty/],
    ['- a\n', /must be a map with any of the fields models, /],
    ['models:\n', /^1 {2}models: is empty; must be a map from names to lists of routes/],
    ['models: {default: [{provider: demo, model: demo, max_token: 1}]}\n', /did you mean max_tokens\?/],
    ['model: {}\n', /^1 {2}model: there is no such field; did you mean models\?/m],
    ['models:\n  fast: [{provider: demo, model: demo}]\n', /^1 {2}models: has no "default"/],
    ['models:\n  a: 1\n  b: 1\n  a: 2\n', /^4 {2}this key stands here a second time/],
    ['models:\n  a: [1, 2\n  b: "x\n', /^3 {2}this is not indented as it should be/],
    ['models:\n\ta: 1\n', /^2 {2}a tab indents this line; use spaces/],
    ['models: !mine\n  a: 1\n', /^1 {2}a tag \(!name\) means nothing here/],
    ['models:\n  a: *nowhere\n', /^2 {2}there is no anchor of this name above/],
    ['models:\n  default:\n    - <<: 5\n', /^3 {2}<< takes in a map or a list of maps/],
    ['a: 1\n---\nb: 2\n', /^2 {2}a second document begins here, and only one is read/],
    ['models: &m\n  default: *m\n', /^2 {2}this alias stands inside its own anchor/],
    [
      'models: {default: {{ ROUTES }}}\n',
      /^1 {2}a list, a map or a tag stands where a name belongs; put .* into quotes/,
    ],
    ['%MINE\n---\nmodels:\n', /^1 {2}a line that begins with % /],
    ['models: {__proto__: 1, default: [{provider: demo, model: demo}]}\n', /models\.…: must be called something/],
  ])('of %.40j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem)
  })

  test('is told where an anchor brought the mistake in', () => {
    const text = `x-a: &a
  attempts: 0
models:
  default:
    - <<: *a
      provider: demo
      model: demo
`
    expect(problemsOf(text)).toEqual(['2  models.default[0].attempts: 0 must be a whole number from 1 to 20'])
  })

  test('nesting without end is refused', () => {
    expect(problemsOf('['.repeat(20_000) + ']'.repeat(20_000))).toEqual([
      '1  maps and lists are nested too deeply; nothing in this file needs so many levels',
    ])
  })

  test('an expansion without end is refused, where it grows too large', () => {
    const levels = ['ab', 'bc', 'cd'].map(
      ([of, name]) => `x-${name}: &${name} [${Array(20).fill(`*${of}`).join(', ')}]\n`,
    )
    const text = `x-a: &a [1]\n${levels.join('')}models: *d\n`
    expect(problemsOf(text)).toEqual(['4  up to here, aliases stand for more than 10000 values; nest anchors less'])
  })

  test('an anchor may be used by many routes, and by anchors that are used in turn', () => {
    const nested = Array.from({ length: 20 }, (_, index) => `x-${index + 1}: &a${index + 1} { <<: *a${index} }\n`)
    const routes = Array(200).fill('{ <<: *a20, model: m }').join(', ')
    const models = modelsOf(`x-0: &a0 { provider: ollama }\n${nested.join('')}models: { default: [${routes}] }\n`)
    expect(models.routesOf('default')).toHaveLength(200)
  })

  test('is never told in the words of the parser, which are for programmers and may quote a key', () => {
    for (const text of [
      'a: 1\n---\nb: 2\n',
      '{{ a }}: 1\n',
      '%YAML hunter2\n---\na: 1\n',
      'a: !hunter2! 1\n',
      'a: "\\qhunter2"\n',
      'a: |hunter2\n',
    ])
      expect(problemsOf(text).join('\n')).not.toMatch(/hunter2|\bqh|parseAllDocuments|stringKeys|suffix|directive/)
  })

  test('cannot be read: not there, a folder, not text, too large, not allowed', () => {
    const folder = folderWith()
    mkdirSync(join(folder, 'folder'))
    const told = (name: string) => () => loadModels({ SPOOL_CONFIG: name }, { folder })
    expect(told('gone.yaml')).toThrow(/gone\.yaml {2}is not there/)
    expect(told('folder')).toThrow(/folder {2}is a folder\. \(Docker/)
    expect(told('/dev/null')).toThrow('/dev/null  is not a file')
    writeFileSync(join(folder, 'latin1'), Buffer.from([0x6d, 0xfc]))
    expect(told('latin1')).toThrow('is not text in UTF-8')
    writeFileSync(join(folder, 'large'), '#'.repeat(2 ** 20 + 1))
    expect(told('large')).toThrow('has 1048577 bytes; at most 1048576 are read')
    writeFileSync(join(folder, 'closed'), '')
    chmodSync(join(folder, 'closed'), 0)
    if (process.getuid?.() !== 0) expect(told('closed')).toThrow('may not be read by this user')
  })
})

test('how much fits into a model is the least of its routes, where that is known', () => {
  const models = modelsOf(`
models:
  default:
    - { provider: anthropic, model: claude-sonnet-4-5 }
    - { provider: openai, model: gpt-4o-mini }
    - { provider: openai-compatible, model: any, base_url: 'http://box/v1' }
  set: [{ provider: ollama, model: llama3.2, context_window: 32768 }]
  mine: [{ provider: ollama, model: llama3.2 }]
  played: [{ provider: demo, model: 'demo/agent?window=2000' }]
`)
  const windows = ['default', 'set', 'mine', 'played', 'demo/steady?tokens=5&window=900', 'demo', 'nobody'].map(
    (model) => models.windowOf(model),
  )
  expect(windows).toEqual([128_000, 32_768, null, 2000, 900, null, null])
})

test.each([
  ['openai', 'gpt-5-mini', 272_000],
  ['openai', 'gpt-5-chat-latest', 128_000],
  ['openai', 'gpt-4.1-nano', 1_047_576],
  ['openai', 'ft:gpt-4o-mini-2024-07-18:org::id', 128_000],
  ['openai', 'o3-mini', 200_000],
  ['openai', 'gpt-4', 8192],
  ['openai', 'gpt-9', null],
  ['azure', 'gpt-4o', null],
  ['anthropic', 'claude-opus-4-6', 200_000],
  ['anthropic', 'claude-2.1', null],
  ['google', 'gemini-flash-latest', 1_048_576],
  ['google', 'gemini-2.5-flash-image', null],
  ['google', 'gemma-3-27b-it', null],
] as const)('of %s, %s takes in %s tokens', (provider, model, tokens) =>
  expect(windowOfRoute(completeRoute({ provider, model }, {}))).toBe(tokens),
)
