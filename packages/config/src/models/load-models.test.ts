import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadModels, type LoadModelsOptions } from './load-models.ts'
import { ModelsInvalid } from './models-invalid.ts'

function folderWith(text?: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (text !== undefined) writeFileSync(join(folder, 'spool.config.yaml'), text)
  return folder
}

const modelsOf = (text: string, env: Record<string, string> = {}, options: LoadModelsOptions = {}) =>
  loadModels(env, { folder: folderWith(text), ...options })

/** `line  path: problem` of each. */
function problemsOf(
  text: string | Uint8Array,
  env: Record<string, string> = {},
  options: LoadModelsOptions = {},
): string[] {
  const folder = folderWith(text)
  try {
    loadModels(env, { folder, ...options })
  } catch (error) {
    if (!(error instanceof ModelsInvalid)) throw error
    expect(error.code).toBe('models_invalid')
    const [head, ...lines] = error.message.split('\n')
    expect(head).toBe('The models cannot be used:')
    expect(lines.pop()).toContain('docs/models.md')
    return lines.map((line) => line.replace(`  ${join(folder, 'spool.config.yaml')}`, '').replace(/^:/, ''))
  }
  return []
}

const routeWith = (fields: string) => `models:\n  default:\n    - provider: openai\n      model: m\n      ${fields}\n`

describe('a file of models', () => {
  test('gives each alias its routes in order, with the defaults of their providers', () => {
    const models = modelsOf(`
models:
  default:
    - provider: anthropic
      model: claude-sonnet-4-5
      first_token_timeout_ms: 20000
      max_concurrency: 100
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
    expect(() => loadModels({ SPOOL_CONFIG: '' }, { folder })).toThrow(ModelsInvalid)
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
      '26  extra: there is no such field; there are models',
    ])
  })

  test.each([
    ['', /^1 {2}is empty/],
    ['# only a comment\n', /is empty/],
    ['- a\n', /must be a map with the field models/],
    ['models:\n', /^1 {2}models: is empty; must be a map from names to lists of routes/],
    ['models: {default: [{provider: demo, model: demo, max_token: 1}]}\n', /did you mean max_tokens\?/],
    ['model: {}\n', /^1 {2}model: there is no such field; did you mean models\?/m],
    ['models:\n  fast: [{provider: demo, model: demo}]\n', /^1 {2}models: has no "default"/],
    ['models:\n  a: 1\n  b: 1\n  a: 2\n', /^4 {2}this key stands here a second time/],
    ['models:\n  a: [1, 2\n  b: "x\n', /^3 {2}Flow sequence/],
    ['models:\n\ta: 1\n', /^2 {2}Tabs are not allowed/],
    ['models: !mine\n  a: 1\n', /^1 {2}Unresolved tag/],
    ['models:\n  a: *nowhere\n', /^2 {2}there is no anchor of this name above/],
    ['models:\n  default:\n    - <<: 5\n', /Merge sources must be maps/],
    ['a: 1\n---\nb: 2\n', /^2 {2}Source contains multiple documents/],
    ['models: &m\n  default: *m\n', /models\.default: must be a list/],
    [
      'models: {__proto__: 1, default: [{provider: demo, model: demo}]}\n',
      /models\.__proto__: must be called something/,
    ],
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
    const problems = problemsOf('['.repeat(20_000))
    expect(problems.length).toBeLessThanOrEqual(20)
    expect(problems.join('\n')).toContain('Maximum call stack size exceeded')
  })

  test('an expansion without end is refused', () => {
    const levels = ['ab', 'bc', 'cd'].map(
      ([of, name]) => `x-${name}: &${name} [${Array(20).fill(`*${of}`).join(', ')}]\n`,
    )
    const text = `x-a: &a [1]\n${levels.join('')}models: *d\n`
    expect(problemsOf(text).join('\n')).toContain('Excessive alias count')
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

describe('secrets', () => {
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
    ['one without a sign', 'key_env: 0123456789abcdefhunter2hunter2ab', /key_env: must be the name of/],
    ['one in capitals', 'key_env: ABCDEFGHIJKLMNOPQRSTUVWXHUNTER2', /key_env: must be the name of/],
    ['a field for it', 'api_key: hunter2', /api_key: no key may stand in this file/],
    ['one in a comment', '# sk-proj-hunter2hunter2hunter2', /^5 {2}this looks like a key/],
    ['one as the name of a field', 'sk-proj-hunter2hunter2hunter2: 1', /looks like a key/],
    ['a password in an address', 'base_url: https://me:hunter2@host/v1', /base_url: must be a URL/],
    ['one in a query', 'base_url: https://host/v1?api-key=hunter2', /base_url: must be a URL/],
    ['one in a place where a word belongs', 'reasoning: hunter2', /reasoning: must be one of/],
    ['one that YAML trips over', 'key_env: |hunter2\n        x', /Block scalar header/],
    ['one in a broken line', '"hunter2" hunter2', /^5 /],
  ])('%s is found, and not shown', (_, fields, problem) => {
    const problems = problemsOf(routeWith(fields)).join('\n')
    expect(problems).toMatch(problem)
    expect(problems).not.toMatch(/hunter2/i)
  })

  test('names of models are not taken for keys', () => {
    for (const model of [
      'claude-3-5-sonnet-20241022',
      'accounts/fireworks/models/llama-v3p1-405b-instruct',
      'task-sk-1',
    ])
      expect(problemsOf(`models: {default: [{provider: openai, model: '${model}'}]}`)).toEqual([])
  })
})
