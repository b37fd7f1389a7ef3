import { answerStatus, type ProxyStatus, type RouteStatus } from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { call } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const route = (provider: string, fields: Partial<RouteStatus> = {}): RouteStatus => ({
  model: 'default',
  provider,
  provider_model: `model-of-${provider}`,
  state: 'ok',
  failures_in_a_row: 0,
  calls: 0,
  waiting: 0,
  last_error: null,
  back_at: null,
  ...fields,
})

/** What a copy of llm-proxy answers, or anything else that listens there. */
async function answers(read: () => ProxyStatus | object): Promise<void> {
  onTestFinished(answerStatus(system.bus, 'llm-proxy', read))
  await system.bus.nc.flush()
}

const models = async () => (await call(system.url, '/v1/status')).json['models']

test('of two proxies one of which leaves a route out, both are heard, and the route is degraded', async () => {
  const leftOut = {
    state: 'left_out',
    failures_in_a_row: 5,
    last_error: { code: 'provider_unavailable', at: '2026-01-01T00:00:00.000Z' },
    back_at: '2026-01-01T00:00:10.000Z',
  } as const
  await answers(() => ({ instance: 'llm-proxy-1', routes: [route('anthropic', leftOut), route('openai')] }))
  await answers(() => ({ instance: 'llm-proxy-2', routes: [route('anthropic', { calls: 3 }), route('openai')] }))
  const fine = { state: 'ok', failures_in_a_row: 0, calls: 0, waiting: 0, last_error: null, back_at: null }
  expect(await models()).toEqual([
    {
      model: 'default',
      routes: [
        {
          provider: 'anthropic',
          model: 'model-of-anthropic',
          state: 'degraded',
          copies: [
            { instance: 'llm-proxy-1', ...leftOut, calls: 0, waiting: 0 },
            { instance: 'llm-proxy-2', ...fine, calls: 3 },
          ],
        },
        {
          provider: 'openai',
          model: 'model-of-openai',
          state: 'ok',
          copies: [
            { instance: 'llm-proxy-1', ...fine },
            { instance: 'llm-proxy-2', ...fine },
          ],
        },
      ],
    },
  ])
})

test('nothing is passed on that is not known to be harmless', async () => {
  const address = 'https://user:a-secret@models.example'
  await answers(() => ({
    instance: 'llm-proxy-1',
    routes: [{ ...route('openai'), base_url: address, key: 'a-secret' }],
    address,
  }))
  const { text } = await call(system.url, '/v1/status')
  expect(text).toContain('model-of-openai')
  expect(text).not.toContain('secret')
})

test('a proxy that is silent or not understood takes nothing from what the others say', async () => {
  const silent = system.bus.nc.subscribe('status.llm-proxy', { callback: () => undefined })
  onTestFinished(() => silent.unsubscribe())
  await answers(() => ({ of: 'another age' }))
  await answers(() => ({ instance: 'newer', routes: [{ ...route('openai'), state: 'asleep' }, route('google'), null] }))
  const startedMs = performance.now()
  expect(await models()).toMatchObject([{ model: 'default', routes: [{ provider: 'google', state: 'ok' }] }])
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

test('where no proxy runs there are no models, and the status is there all the same', async () => {
  const { status, json } = await call(system.url, '/v1/status')
  expect([status, json['models']]).toEqual([200, []])
})
