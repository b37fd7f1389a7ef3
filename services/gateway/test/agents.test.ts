import { answerStatus, type AgentsStatus, type AgentStatus } from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { call } from './support/http.ts'
import { KEY, OTHER_KEY, startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const agent = (id: string, fields: Partial<AgentStatus> = {}): AgentStatus => ({
  id,
  description: null,
  model: 'default',
  tools: [],
  confirmation: { mode: 'never', timeout_seconds: 300 },
  memory: false,
  language: null,
  tenants: null,
  ...fields,
})

const status = (agents: readonly AgentStatus[], fields: Partial<AgentsStatus> = {}): AgentsStatus => ({
  instance: 'agent-orchestrator-1',
  started_at: '2026-01-01T00:00:00.000Z',
  default_agent: agents[0]?.id ?? null,
  agents,
  ...fields,
})

/** What a copy of agent-orchestrator answers, or anything else that listens there. */
async function answers(said: object): Promise<void> {
  onTestFinished(answerStatus(system.bus, 'agent-orchestrator', () => said))
  await system.bus.nc.flush()
}

test('an agent is listed with all that its users may know', async () => {
  const support = {
    id: 'support',
    description: 'Answers customers.',
    model: 'fast',
    tools: ['clock', 'docs__search'],
    confirmation: { mode: 'tools', timeout_seconds: 60 },
    memory: true,
    language: 'zh',
  } as const
  const secret = { instructions: 'Never say that', key: 'that' }
  await answers({ ...status([{ ...support, ...secret, tenants: null } as AgentStatus]), ...secret })
  const { status: code, json, text } = await call(system.url, '/v1/agents')
  expect([code, json]).toEqual([200, { agents: [{ ...support, default: true }] }])
  expect(text).not.toContain('that')
})

test('an agent of other tenants is not there, and the default is one that can be used', async () => {
  const agents = [agent('ours', { tenants: ['default'] }), agent('all'), agent('theirs', { tenants: ['other', 'x'] })]
  await answers(status(agents, { default_agent: 'theirs' }))
  const listed = async (key = KEY) => {
    const { json } = await call(system.url, '/v1/agents', { key })
    return (json['agents'] as { id: string; default: boolean }[]).map((one) => [one.id, one.default])
  }
  expect(await listed()).toEqual([
    ['ours', true],
    ['all', false],
  ])
  expect(await listed(OTHER_KEY)).toEqual([
    ['all', false],
    ['theirs', true],
  ])
  expect((await call(system.url, '/v1/agents')).text).not.toContain('other')
})

test('of several copies the one that started last is believed, and what is not understood is passed over', async () => {
  await answers(status([agent('old')]))
  await answers(status([agent('new')], { started_at: '2026-01-02T00:00:00.000Z' }))
  await answers({ agents: 'of another age', started_at: '2026-01-03T00:00:00.000Z' })
  await answers(status([{ ...agent('odd'), memory: 'much' } as unknown as AgentStatus], { started_at: 'never' }))
  expect((await call(system.url, '/v1/agents')).json['agents']).toMatchObject([{ id: 'new' }])
})

test('where nobody answers it is said so, and to try again', async () => {
  const { status: code, json, headers } = await call(system.url, '/v1/agents')
  expect([code, json['code'], headers['retry-after']]).toEqual([503, 'unavailable', '1'])
})

test('nobody is told without a key', async () => {
  await answers(status([agent('a')]))
  expect((await call(system.url, '/v1/agents', { key: null })).status).toBe(401)
})
