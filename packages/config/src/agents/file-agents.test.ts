import { describe, expect, test } from 'vitest'
import { configOf, folderWith, problemsOf } from '../../test/support/config-of.ts'
import { loadSpoolConfig } from '../load-spool-config.ts'

const withAgent = (fields: string, rest = '') => `agents:\n  a:\n    ${fields}\n${rest}`

describe('agents of a file', () => {
  test('are taken as they are written, with defaults for the rest', () => {
    const { agents } = configOf(
      `
default_agent: plain
models: { default: [{ provider: ollama, model: m }], fast: [{ provider: ollama, model: s }] }
tools: { http_get: { allow: [example.com] } }
mcp_servers: { everything: { command: npx } }
agents:
  support:
    description: Answers customers.
    model: fast
    system: You are kind.
    tools: [clock, http_get, everything__*, clock]
    confirmation: { tools: [http_get, everything__echo], timeout_seconds: 60 }
    limits: { steps: 5, tool_calls: 6, tokens: 7, wall_clock_seconds: 8 }
    memory: true
    language: ZH-cn
    temperature: 0.3
    max_tokens: 2000
    tenants: [acme]
  plain: {}
`,
      {},
      { wallClockSeconds: 99 },
    )
    expect(agents.all).toEqual([
      {
        id: 'support',
        description: 'Answers customers.',
        model: 'fast',
        instructions: 'You are kind.',
        tools: ['clock', 'http_get', 'everything__*'],
        confirmation: { mode: 'tools', tools: ['http_get', 'everything__echo'], timeoutSeconds: 60 },
        limits: { steps: 5, toolCalls: 6, tokens: 7, wallClockSeconds: 8 },
        memory: true,
        language: 'zh-CN',
        temperature: 0.3,
        maxTokens: 2000,
        tenants: ['acme'],
      },
      {
        id: 'plain',
        description: null,
        model: 'default',
        instructions: null,
        tools: [],
        confirmation: { mode: 'never', tools: [], timeoutSeconds: 300 },
        limits: { steps: 25, toolCalls: 50, tokens: null, wallClockSeconds: 99 },
        memory: false,
        language: null,
        temperature: null,
        maxTokens: null,
        tenants: null,
      },
    ])
    expect(agents.byDefaultFor('acme')?.id).toBe('plain')
  })

  test.each([
    ['never', 'never', 300],
    ['plan', 'plan', 300],
    ['{ mode: plan, timeout_seconds: 60 }', 'plan', 60],
    ['{ timeout_seconds: 60 }', 'never', 60],
    ['{ mode: tools, tools: [clock] }', 'tools', 300],
  ])('confirmation: %s', (written, mode, timeoutSeconds) => {
    const { agents } = configOf(withAgent(`{ tools: [clock], confirmation: ${written} }`))
    expect(agents.find('a', 't')?.confirmation).toMatchObject({ mode, timeoutSeconds })
  })

  test('all tools of a server may ask first though only some are named, and the other way round', () => {
    const servers = 'mcp_servers: { s: { command: x } }'
    for (const [own, asking] of [
      ['s__*', 's__echo'],
      ['s__echo', 's__*'],
    ])
      expect(problemsOf(withAgent(`{ tools: [${own}], confirmation: { tools: [${asking}] } }`, servers))).toEqual([])
  })

  test('a file may define agents alone; the models are those of the environment', () => {
    const { models, agents, file } = configOf(withAgent('{ model: anthropic }'), { ANTHROPIC_API_KEY: 'k' })
    expect(models.origin).toBe('environment')
    expect(agents.all.map(({ id }) => id)).toEqual(['a'])
    expect(file).toMatch(/spool\.config\.yaml$/)
  })
})

describe('where no agents are defined', () => {
  test.each([[undefined], ['models: { default: [{ provider: demo, model: demo }] }']])(
    'there are those that show what agents can do (%j)',
    (text) => {
      const { agents, tools } = loadSpoolConfig({}, { folder: folderWith(text), wallClockSeconds: 7 })
      expect(agents.all.map(({ id, model, confirmation, memory }) => [id, model, confirmation.mode, memory])).toEqual([
        ['demo', 'default', 'never', false],
        ['demo-plan', 'demo/agent', 'plan', false],
        ['demo-tools', 'demo/agent', 'never', false],
        ['demo-memory', 'demo/agent', 'never', true],
        ['demo-document', 'demo/agent', 'never', false],
      ])
      expect(agents.byDefaultFor('anybody')?.id).toBe('demo')
      expect(agents.all.every(({ limits }) => limits.wallClockSeconds === 7)).toBe(true)
      expect(tools).toMatchObject({ httpGet: null, workspace: null, shell: null, webhooks: [], mcpServers: [] })
    },
  )

  test('one of them can be the default', () => {
    expect(configOf('default_agent: demo-plan').agents.byDefaultFor('t')?.id).toBe('demo-plan')
    expect(problemsOf('default_agent: demo-plam')).toEqual([
      '1  default_agent: there is no agent of this id; did you mean demo-plan?',
    ])
  })

  test('a default that resembles none of them is told which there are', () => {
    const builtIn = 'demo, demo-plan, demo-tools, demo-memory, demo-document'
    expect(problemsOf('default_agent: somebody')).toEqual([
      `1  default_agent: there is no agent of this id; there are ${builtIn}`,
    ])
    expect(
      problemsOf('default_agent: somebody\nagents: { one: {}, "two words": {}, 0123456789abcdefhunter2hunter2ab: {} }'),
    ).toContain('1  default_agent: there is no agent of this id; there is one')
  })
})

describe('agents that cannot be used', () => {
  test('are told everything at once, each with its line', () => {
    const problems = problemsOf(`default_agent: suport
models: { default: [{ provider: demo, model: demo }], fast: [{ provider: demo, model: demo }] }
tools: { http_get: { allow: [example.com] } }
mcp_servers: { everything: { command: npx } }
agents:
  support:
    modle: fast
    model: fats
    system: '  '
    tools: [clok, shell, http_get, everything, every__echo, everything__*x, 'cl*', nonsense-at-all]
    confirmation: { mode: plans, tool: [clock], timeout_seconds: 0 }
    limits: { steps: none, tool_call: 5 }
    memory: 1
    language: english_gb
    temperature: 3
    tenants: []
  'two words': {}
  other:
    confirmation: nevr
  asks:
    tools: [clock]
    confirmation: { mode: plan, tools: [clock, clocks] }
  alone:
    confirmation: { mode: tools }
  nobody:
    tools: [clock]
    confirmation: { tools: [] }
  empty:
  listed: [a]
`)
    expect(problems).toEqual([
      '1  default_agent: there is no agent of this id; did you mean support?',
      '7  agents.support.modle: there is no such field; did you mean model?',
      '8  agents.support.model: there is no model of this name; did you mean fast?',
      '9  agents.support.system: must be a text of 1 to 100000 characters',
      '10  agents.support.tools[0]: there is no tool of this name; did you mean clock?',
      '10  agents.support.tools[1]: is off; turn it on with tools: { workspace: true, shell: true }',
      '10  agents.support.tools[3]: is an MCP server; everything__* stands for all of its tools',
      '10  agents.support.tools[4]: there is no MCP server of this name under mcp_servers; there is everything',
      '10  agents.support.tools[5]: must be server__tool, or server__* for all tools of an MCP server',
      '10  agents.support.tools[6]: must be the name of a tool, or server__* for all tools of an MCP server',
      '10  agents.support.tools[7]: there is no tool of this name; there are clock, calculator, design_document, demo_wait, demo_postcard, http_get',
      '11  agents.support.confirmation.mode: must be one of never, plan, tools; did you mean plan?',
      '11  agents.support.confirmation.timeout_seconds: 0 must be a whole number from 1 to 2592000',
      '11  agents.support.confirmation.tool: there is no such field; did you mean tools?',
      '12  agents.support.limits.steps: must be a whole number from 1 to 1000',
      '12  agents.support.limits.tool_call: there is no such field; did you mean tool_calls?',
      '13  agents.support.memory: 1 must be true or false',
      '14  agents.support.language: must be the tag of a language, such as en or zh-CN',
      '15  agents.support.temperature: 3 must be a number from 0 to 2',
      '16  agents.support.tenants: must be a list of at least one tenant',
      '17  agents.…: must be called something with 1 to 128 letters, digits, - or _',
      '19  agents.other.confirmation: must be never, plan, or a map with the fields mode, tools, timeout_seconds; did you mean never?',
      '22  agents.asks.confirmation.tools: means nothing where the mode is plan; leave one of them out',
      '22  agents.asks.confirmation.tools[1]: is none of the tools of this agent; did you mean clock?',
      '24  agents.alone.confirmation: tools is missing; name those that ask before each call',
      '27  agents.nobody.confirmation.tools: is empty; name those that ask before each call, or leave it out',
      expect.stringMatching(
        /^28 {2}agents\.empty: is empty; must be a map with any of the fields description, model, /,
      ),
      expect.stringMatching(/^29 {2}agents\.listed: must be a map with any of the fields description, model, /),
    ])
  })

  test.each([
    ['agents:\n', /^1 {2}agents: is empty; must be a map from ids to agents, at least one$/],
    ['agents: {}\n', /^1 {2}agents: must be a map from ids to agents, at least one$/],
    ['agents: { a: { confirmation: } }\n', /confirmation: is empty; must be never, plan, or a map/],
    ['agents: { a: { confirmation: [clock] } }\n', /confirmation: must be never, plan, or a map/],
    ['agents: { __proto__: {} }\n', /must be called something with 1 to 128 letters/],
    ['agents: { a: { tenants: [a b] } }\n', /tenants\[0\]: must be a tenant: 1 to 128 letters/],
    ['agents: { a: { tools: clock } }\n', /tools: must be a list of names of tools/],
    ['agents: { a: { tools: [__proto__] } }\n', /tools\[0\]: /],
    ['agents: { a: { tools: [constructor] } }\n', /tools\[0\]: there is no tool of this name/],
  ])('of %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem)
  })

  test('a model that resembles none is told which there are, up to twenty', () => {
    const names = ['default', ...Array.from({ length: 30 }, (_, index) => `m${index}`)]
    const models = `models: { ${names.map((name) => `${name}: [{ provider: demo, model: demo }]`).join(', ')} }`
    expect(problemsOf(`${models}\nagents: { a: { model: something-else } }`)).toEqual([
      `2  agents.a.model: there is no model of this name; there are ${names.slice(0, 20).join(', ')}, …`,
    ])
  })

  test('to plan is no mistake of an agent without tools', () => {
    expect(problemsOf('agents: { a: { confirmation: plan }, b: { confirmation: { mode: plan } } }')).toEqual([])
  })

  test('models that are wrong in another way are not told to be unknown', () => {
    expect(problemsOf('models: { default: [{ provider: demo }] }\nagents: { a: {} }\n').join('\n')).not.toMatch(
      /no model of this name/,
    )
    expect(problemsOf('models: nothing\nagents: { a: { model: fast } }\n')).toHaveLength(1)
  })

  test('without models in the file the names of the environment count', () => {
    expect(problemsOf(withAgent('{ model: opnai }'), { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' })).toEqual([])
    expect(problemsOf(withAgent('{ model: fast }'))).toEqual([
      '3  agents.a.model: there is no model of this name; there is default',
    ])
  })

  test.each([
    ['as the model', 'model: sk-proj-hunter2hunter2hunter2'],
    ['as a tool', 'tools: [sk-proj-hunter2hunter2hunter2]'],
    ['in the text', 'system: Your key is sk-proj-hunter2hunter2hunter2'],
    ['as a field', 'api_key: 0123456789abcdefhunter2hunter2ab'],
    ['as a tool without a sign', 'tools: [0123456789abcdefhunter2hunter2ab]'],
  ])('a key %s is found, and not shown', (_, fields) => {
    const problems = problemsOf(withAgent(fields)).join('\n')
    expect(problems).toMatch(/looks like a key|no key may stand in this file; where one|there is no tool of this name/)
    expect(problems).not.toMatch(/hunter2/)
  })
})
