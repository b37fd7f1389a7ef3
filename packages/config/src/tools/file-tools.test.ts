import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configOf, problemsOf } from '../../test/support/config-of.ts'
import { toolVariables } from './tools-settings.ts'

describe('tools of a file', () => {
  test('are taken as they are written, with defaults for the rest', () => {
    const { tools, file = '' } = configOf(`
tools:
  http_get: { allow: [api.example.com, '*.wikipedia.org', 'localhost:8080', '[::1]:9000'] }
  workspace: { folder: ./workspaces }
  shell: { timeout_ms: 1000, max_processes: 3, max_memory_mb: 20 }
  webhooks:
    create_ticket:
      description: Creates a ticket.
      url: https://tickets.example/hook?kind=bug
      input_schema: { type: object, properties: { title: { type: string } }, required: [title] }
      secret_env: TICKETS_SECRET
      repeatable: true
      timeout_ms: 5000
    plain: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: S }
mcp_servers:
  everything: { command: npx, args: [-y, everything], env: [GIT_TOKEN], cwd: ../here, timeout_ms: 9, repeatable_tools: [echo] }
  remote: { url: 'https://mcp.example/mcp', headers: { Authorization: MCP_AUTHORIZATION }, repeatable: true }
  bare: { command: ./server }
`)
    const folder = dirname(file)
    expect(tools).toEqual({
      httpGet: { allow: ['api.example.com', '*.wikipedia.org', 'localhost:8080', '[::1]:9000'] },
      workspace: { folder: join(folder, 'workspaces') },
      shell: { timeoutMs: 1000, maxProcesses: 3, maxMemoryBytes: 20 * 1024 ** 2 },
      webhooks: [
        {
          name: 'create_ticket',
          description: 'Creates a ticket.',
          url: 'https://tickets.example/hook?kind=bug',
          inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
          secretEnv: 'TICKETS_SECRET',
          repeatable: true,
          timeoutMs: 5000,
        },
        {
          name: 'plain',
          description: 'd',
          url: 'http://h',
          inputSchema: { type: 'object' },
          secretEnv: 'S',
          repeatable: false,
          timeoutMs: 30_000,
        },
      ],
      mcpServers: [
        {
          name: 'everything',
          transport: {
            kind: 'stdio',
            command: 'npx',
            args: ['-y', 'everything'],
            env: ['GIT_TOKEN'],
            cwd: resolve(folder, '../here'),
          },
          timeoutMs: 9,
          repeatable: false,
          repeatableTools: ['echo'],
        },
        {
          name: 'remote',
          transport: {
            kind: 'http',
            url: 'https://mcp.example/mcp',
            headerEnvs: { Authorization: 'MCP_AUTHORIZATION' },
          },
          timeoutMs: 60_000,
          repeatable: true,
          repeatableTools: [],
        },
        {
          name: 'bare',
          transport: { kind: 'stdio', command: './server', args: [], env: [], cwd: null },
          timeoutMs: 60_000,
          repeatable: false,
          repeatableTools: [],
        },
      ],
    })
    expect(toolVariables(tools)).toEqual(['TICKETS_SECRET', 'S', 'GIT_TOKEN', 'MCP_AUTHORIZATION'])
  })

  test('a workspace that names no folder lies in the data folder', () => {
    for (const written of ['true', '{}']) {
      const text = `tools: { workspace: ${written}, shell: true }`
      expect(configOf(text, { SPOOL_DATA: '/data' }).tools.workspace).toEqual({ folder: '/data/workspaces' })
      expect(configOf(text, {}).tools.workspace).toEqual({ folder: resolve('.spool/workspaces') })
      expect(configOf(text).tools.shell).toMatchObject({ timeoutMs: 30_000, maxMemoryBytes: 512 * 1024 ** 2 })
    }
    expect(configOf('tools: { workspace: false, shell: false }').tools).toMatchObject({ workspace: null, shell: null })
  })

  test('an agent may use what is turned on and what is defined here', () => {
    const text = `
tools:
  workspace: true
  webhooks: { hook: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: S } }
agents:
  a: { tools: [workspace_read, workspace_write, hook] }
`
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text.replace('workspace: true', 'workspace: false'))).toEqual([
      '6  agents.a.tools[0]: is off; turn it on with tools: { workspace: true }',
      '6  agents.a.tools[1]: is off; turn it on with tools: { workspace: true }',
    ])
  })
})

/** With a schema of its own. */
const hook = (name: string, schema: string) => `
    ${name}:
      description: d
      url: http://h
      secret_env: S
      input_schema:
        type: object
        ${schema}`
const at = (name: string) => `tools.webhooks.${name}.input_schema`

describe('tools that cannot be used', () => {
  test('are told everything at once, each with its line', () => {
    const problems = problemsOf(`tools:
  http_get:
    allow: ['https://example.com', 'a b', 'me@host', '*', 'host/path', 'EXAMPLE.com']
  shell: { max_process: 1 }
  web_hooks: {}
  webhooks:
    clock: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: S }
    propose_plan: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: S }
    a__b: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: S }
    hook:
      url: ftp://h
      input_schema: { type: array }
      secret: s
      secret_env: lower
      repeatable: 'yes'
mcp_servers:
  none: {}
  both: { command: x, url: 'http://h' }
  local: { command: x, headers: { A: B }, args: [1] }
  remote: { url: 'https://me:pw@h', env: [A], headers: { 'a b': C } }
  my__server: { command: x }
`)
    const schemaOfMap = 'must be a JSON Schema of a map: "type: object", with "properties"'
    const host = 'must be a host, such as api.example.com, *.example.com or api.example.com:8443'
    expect(problems).toEqual([
      ...[0, 1, 2, 3, 4].map((index) => `3  tools.http_get.allow[${index}]: ${host}`),
      '4  tools.shell.max_process: there is no such field; did you mean max_processes?',
      '4  tools.shell: works in the folder of a session, so it needs a workspace; write "workspace: true" beside it',
      '5  tools.web_hooks: there is no such field; did you mean webhooks?',
      '7  tools.webhooks.clock: a tool of this name is built in; call it something else',
      '8  tools.webhooks.propose_plan: a tool of this name is built in; call it something else',
      expect.stringMatching(/^9 {2}tools\.webhooks\.a__b: must be called something/),
      '10  tools.webhooks.hook.description: is missing; must be a text of 1 to 10000 characters',
      '11  tools.webhooks.hook.url: must be a URL (http, https) without user, password, fragment or key',
      `12  tools.webhooks.hook.input_schema: ${schemaOfMap}`,
      '13  tools.webhooks.hook.secret: no key may stand in this file; name the environment variable that holds it with secret_env',
      '14  tools.webhooks.hook.secret_env: must be the name of an environment variable, such as TICKETS_SECRET; never a key itself',
      '15  tools.webhooks.hook.repeatable: must be true or false',
      '17  mcp_servers.none: has neither command nor url; name the program to start, or the address of a server that is running',
      '18  mcp_servers.both: has both command and url; name the program to start, or the address of a server that is running',
      '19  mcp_servers.local.args[0]: must be a text; put numbers, true and false into quotes',
      '19  mcp_servers.local.headers: means nothing beside command; leave it out',
      '20  mcp_servers.remote.url: must be a URL (http, https) without user, password, fragment or key',
      '20  mcp_servers.remote.env: means nothing beside url; leave it out',
      '20  mcp_servers.remote.headers.…: is no name of a header',
      expect.stringMatching(/^21 {2}mcp_servers\.my__server: must be called something/),
    ])
  })

  test('a schema of arguments that nothing can be checked with is told where it is wrong', () => {
    const problems = problemsOf(`tools:
  webhooks:${[
    hook('word', 'properties:\n          a: { type: string }\n          b:\n            type: strng'),
    hook('elsewhere', 'properties: { a: { $ref: "http://127.0.0.1:1/schema?key=hunter2" } }'),
    hook('number', 'properties: { a: 5 }'),
    hook('pattern', 'properties: { a: { type: string, pattern: "(" } }'),
    hook('required', 'required: a'),
    hook(
      'draft7',
      '$schema: http://json-schema.org/draft-07/schema#\n        properties: { a: { items: [{ type: string }] } }',
    ),
  ].join('')}`)
    expect(problems).toEqual([
      `12  ${at('word')}.properties.b.type: must be one of array, boolean, integer, null, number, object, string`,
      `17  ${at('elsewhere')}: has a $ref to what is not in it; nothing is loaded from elsewhere`,
      `26  ${at('number')}.properties.a: must be object or boolean`,
      expect.stringMatching(/^31 {2}tools\.webhooks\.pattern\.input_schema: Invalid regular expression/),
      `40  ${at('required')}.required: must be array`,
    ])
  })

  test('variables that are named but not set are told to who needs them, and to nobody else', () => {
    const text = `tools:
  webhooks: { hook: { description: d, url: 'http://h', input_schema: { type: object }, secret_env: HOOK_SECRET } }
mcp_servers:
  git: { command: git-mcp, env: [GIT_TOKEN, GIT_NAME] }
  search: { url: 'http://h', headers: { Authorization: SEARCH_KEY } }
`
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text, { GIT_NAME: 'n', SEARCH_KEY: ' ' }, { requireToolVariables: true })).toEqual([
      '2  tools.webhooks.hook.secret_env: HOOK_SECRET is not set in the environment. Set it, or name another variable',
      '4  mcp_servers.git.env[0]: GIT_TOKEN is not set in the environment. Set it, or name another variable',
      '5  mcp_servers.search.headers.Authorization: SEARCH_KEY is not set in the environment. Set it, or name another variable',
    ])
    const set = { HOOK_SECRET: 'a', GIT_TOKEN: 'b', GIT_NAME: 'n', SEARCH_KEY: 'c' }
    expect(problemsOf(text, set, { requireToolVariables: true })).toEqual([])
  })

  test.each([
    ['secret_env', 'tools: { webhooks: { h: { secret_env: 0123456789abcdefhunter2hunter2ab } } }'],
    ['env', 'mcp_servers: { s: { command: x, env: [0123456789abcdefhunter2hunter2ab] } }'],
    ['headers', 'mcp_servers: { s: { url: "http://h", headers: { A: 0123456789abcdefhunter2hunter2ab } } }'],
    ['headers', 'mcp_servers: { s: { url: "http://h", headers: { A: Bearer hunter2 } } }'],
    ['url', 'mcp_servers: { s: { url: "http://h?key=0123456789abcdefhunter2hunter2ab" } }'],
    ['args', 'mcp_servers: { s: { command: x, args: [--key, sk-proj-hunter2hunter2hunter2] } }'],
    ['token', 'mcp_servers: { s: { command: x, token: hunter2 } }'],
    ['webhooks', 'tools: { webhooks: { 0123456789abcdefhunter2hunter2ab: {} } }'],
  ])('a key in %s is found, and not shown: %s', (field, text) => {
    const problems = problemsOf(text, {}, { requireToolVariables: true }).join('\n')
    expect(problems).toMatch(/looks like a key|no key may stand|never a key itself|or key|must be called something/)
    expect(problems).not.toMatch(/hunter2|is not set/)
    expect(problems).toContain(field === 'args' ? '1  this' : field)
  })
})
