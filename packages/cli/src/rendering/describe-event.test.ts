import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeEvent } from './describe-event.ts'
import type { Body } from './fields.ts'

const folder = new URL('../../../events/fixtures/', import.meta.url)
const fixtures = readdirSync(folder).flatMap((file) => {
  const events = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Body[]
  return events.map((event, index) => [`${file} ${index}`, event] as const)
})

// oxlint-disable-next-line no-control-regex
const ACTIVE = /[\0-\x1F\x7F-\x9F]/

test.each(fixtures)('%s is told in one line', (_name, event) => {
  const text = describeEvent(event)
  expect(text).not.toMatch(ACTIVE)
  expect(text).not.toMatch(/undefined|NaN|\[object/)
  if (event['type'] !== 'custom.weather.seen') expect(text).not.toBe('')
})

describe('tells', () => {
  test('what a tool is called with, and what it gave back', () => {
    expect(describeEvent({ type: 'tool.called', name: 'http_get', input: { url: 'https://x.org' } })).toBe(
      'http_get {"url":"https://x.org"}',
    )
    expect(describeEvent({ type: 'tool.completed', output: 'rain', blob: 'B1', duration_ms: 210 })).toBe(
      '210 ms · rain · all of it in blob B1',
    )
  })

  test('how a run failed, and who answered a question with what', () => {
    const error = { code: 'provider_unreachable', message: 'The model cannot be reached.' }
    expect(describeEvent({ type: 'run.failed', error })).toBe('The model cannot be reached. (provider_unreachable)')
    expect(
      describeEvent({ type: 'confirmation.resolved', action: 'modify', by: 'ada', via: 'http', message: 'less' }),
    ).toBe('modify by ada (http): less')
  })

  test('of a type that this release does not know, its fields', () => {
    expect(describeEvent({ v: 9, type: 'run.paused', run: 'r', at: 'x', why: 'lunch' })).toBe('{"why":"lunch"}')
    expect(describeEvent({ type: 'toString', unreadable: '{no json' })).toBe('{"unreadable":"{no json"}')
  })
})

test('of whatever body, it says something harmless and never fails', () => {
  const types = fixtures.map(([, event]) => String(event['type']))
  const names = [...new Set(fixtures.flatMap(([, event]) => Object.keys(event)))].filter((name) => name !== 'type')
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), fc.string({ unit: 'binary' }))
  const bodies = fc
    .tuple(fc.constantFrom(...types, 'some.thing'), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 }))
    .map(([type, fields]) => ({ ...fields, type }))
  fc.assert(
    fc.property(bodies, (body) => {
      expect(describeEvent(body)).not.toMatch(ACTIVE)
    }),
  )
})
