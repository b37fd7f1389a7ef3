import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { spoolPlan } from './plan.ts'
import { serviceEnvironment } from './service-environment.ts'
import { launchSettings } from './settings.ts'

const servers = { natsUrl: 'nats://127.0.0.1:4222', databaseUrl: 'postgres://127.0.0.1/spool' }

function environmentOf(name: string, env: Record<string, string>): NodeJS.ProcessEnv {
  const service = spoolPlan.services.find((one) => one.name === name)!
  const ports = { http: undefined, metrics: 0 }
  return serviceEnvironment(
    spoolPlan,
    launchSettings({ SPOOL_CONFIG: 'none', ...env }),
    servers,
    service,
    `${name}-1`,
    ports,
  )
}

test('the keys of providers are the proxy’s alone; who starts runs is told only that they are set', () => {
  const env = { OPENAI_API_KEY: 'sk-secret', GEMINI_API_KEY: 'g-secret', ANTHROPIC_API_KEY: '   ' }
  expect(environmentOf('llm-proxy', env)).toMatchObject({ OPENAI_API_KEY: 'sk-secret', GEMINI_API_KEY: 'g-secret' })
  const orchestrator = environmentOf('agent-orchestrator', env)
  expect(orchestrator).toMatchObject({ OPENAI_API_KEY: 'set', GEMINI_API_KEY: 'set' })
  expect(orchestrator).not.toHaveProperty('ANTHROPIC_API_KEY')
  for (const service of ['gateway', 'persistence']) {
    expect(environmentOf(service, env)).not.toHaveProperty('OPENAI_API_KEY')
    expect(environmentOf(service, env)).not.toHaveProperty('GEMINI_API_KEY')
  }
})

test('a variable of white space alone counts as not set for the services too', () => {
  const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: '   ', OLLAMA_HOST: ' ' }
  for (const service of ['llm-proxy', 'agent-orchestrator']) {
    expect(environmentOf(service, env)).not.toHaveProperty('OPENAI_BASE_URL')
    expect(environmentOf(service, env)).not.toHaveProperty('OLLAMA_HOST')
  }
})

test('a key is kept by whatever name the file of models gives it, and the services read the file that was checked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'models.yaml')
  writeFileSync(file, 'models: { default: [{ provider: openai, model: m, key_env: TEAM_SECRET }] }')
  const env = { SPOOL_CONFIG: file, TEAM_SECRET: 'sk-secret' }
  expect(environmentOf('llm-proxy', env)).toMatchObject({ TEAM_SECRET: 'sk-secret', SPOOL_CONFIG: file })
  expect(environmentOf('agent-orchestrator', env)).toMatchObject({ TEAM_SECRET: 'set', SPOOL_CONFIG: file })
  expect(environmentOf('gateway', env)).not.toHaveProperty('TEAM_SECRET')
})

test('what webhooks and MCP servers name is the orchestrator’s alone, unless it is there for everybody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  const hook = '{ description: d, url: "https://t.example", input_schema: { type: object }, secret_env: HOOK_SECRET }'
  const search = '{ url: "https://s.example", headers: { Authorization: SEARCH_KEY } }'
  writeFileSync(
    file,
    `tools: { webhooks: { hook: ${hook} } }
mcp_servers: { git: { command: git-mcp, env: [GIT_TOKEN, OPENAI_API_KEY, NATS_URL, PATH] }, search: ${search} }
`,
  )
  const secrets = { HOOK_SECRET: 'a', GIT_TOKEN: 'b', SEARCH_KEY: 'c', OPENAI_API_KEY: 'd' }
  const env = { SPOOL_CONFIG: file, ...secrets, PATH: '/bin', NATS_URL: 'nats://mine', SPOOL_DATA: '/data' }
  const needed = { PATH: '/bin', NATS_URL: servers.natsUrl, SPOOL_DATA: '/data' }
  expect(environmentOf('agent-orchestrator', env)).toMatchObject({ ...secrets, ...needed })
  expect(environmentOf('llm-proxy', env)).toMatchObject({ OPENAI_API_KEY: 'd', ...needed })
  for (const service of ['gateway', 'persistence', 'llm-proxy']) {
    expect(environmentOf(service, env)).toMatchObject(needed)
    for (const name of ['HOOK_SECRET', 'GIT_TOKEN', 'SEARCH_KEY'])
      expect(environmentOf(service, env)).not.toHaveProperty(name)
  }
})
