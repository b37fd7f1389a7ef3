import type { RouteStatus } from '@spool/log'
import { expect, test } from 'vitest'
import { modelStatuses } from './model-statuses.ts'

const route = (provider: string, fields: Partial<RouteStatus> = {}): RouteStatus => ({
  model: 'default',
  provider,
  provider_model: `of-${provider}`,
  state: 'ok',
  failures_in_a_row: 0,
  calls: 0,
  waiting: 0,
  last_error: null,
  back_at: null,
  ...fields,
})
const leftOut = { state: 'left_out', failures_in_a_row: 5, back_at: '2026-01-01T00:00:00.000Z' } as const

test('a route is left out where all copies leave it out, and degraded where some do', () => {
  const proxies = [
    { instance: 'b', routes: [route('one', leftOut), route('two', leftOut), route('three')] },
    { instance: 'a', routes: [route('one', leftOut), route('two'), route('three')] },
  ]
  const [{ model, routes } = { model: '', routes: [] }] = modelStatuses(proxies)
  expect(model).toBe('default')
  expect(routes.map(({ provider, state }) => [provider, state])).toEqual([
    ['one', 'left_out'],
    ['two', 'degraded'],
    ['three', 'ok'],
  ])
  expect(routes[1]?.copies.map(({ instance, state }) => [instance, state])).toEqual([
    ['a', 'ok'],
    ['b', 'left_out'],
  ])
})

test('a route that is tried again is not quite back', () => {
  const [model] = modelStatuses([{ instance: 'a', routes: [route('one', { state: 'probing' })] }])
  expect(model?.routes[0]?.state).toBe('degraded')
})

test('two ways that look the same stay two, in each copy', () => {
  const twice = [route('one'), route('one', leftOut)]
  const proxies = ['a', 'b'].map((instance) => ({ instance, routes: twice }))
  const [model] = modelStatuses(proxies)
  expect(model?.routes.map(({ state, copies }) => [state, copies.length])).toEqual([
    ['ok', 2],
    ['left_out', 2],
  ])
})

test('copies that know different models are shown together', () => {
  const models = modelStatuses([
    { instance: 'old', routes: [route('one')] },
    { instance: 'new', routes: [route('one'), route('two'), route('one', { model: 'fast' })] },
  ])
  expect(models.map(({ model, routes }) => [model, routes.map(({ copies }) => copies.length)])).toEqual([
    ['default', [2, 1]],
    ['fast', [1]],
  ])
  expect(modelStatuses([])).toEqual([])
})
