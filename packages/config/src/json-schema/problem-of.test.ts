import { describe, expect, test } from 'vitest'
import { problemOf, requireSchema } from './problem-of.ts'
import { SchemaInvalid } from './schema-invalid.ts'

const weather = {
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 1 },
    unit: { enum: ['c', 'f'] },
    days: { type: 'integer', minimum: 1, maximum: 7 },
    at: { type: 'string', format: 'date-time' },
    places: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
  },
  required: ['city'],
  additionalProperties: false,
}

test('arguments that fit have no problem', () => {
  expect(problemOf(weather, { city: 'Bern', unit: 'c', days: 3, at: '2026-01-01T10:00:00Z' })).toBeNull()
})

test.each([
  [{}, 'city is missing'],
  [{ city: 5 }, 'city must be a string, but is a number'],
  [{ city: null }, 'city must be a string, but is null'],
  [{ city: 'Bern', unit: 'k' }, 'unit must be "c" or "f"'],
  [{ city: 'Bern', days: 9 }, 'days must be <= 7'],
  [{ city: 'Bern', at: 'tomorrow' }, 'at must be of the format date-time'],
  [{ city: 'Bern', town: 'x' }, 'town is not known, but city, unit, days, at and places'],
  [{ city: 'Bern', places: [{ name: 'a' }, {}] }, 'places[1].name is missing'],
  [{ city: '' }, 'city must not have fewer than 1 characters'],
  ['Bern', 'The arguments must be a JSON object.'],
  [null, 'The arguments must be a JSON object.'],
])('what is wrong with %j is told in words', (input, problem) => {
  expect(problemOf(weather, input)).toContain(problem)
})

test('several problems are told at once, and not without end', () => {
  const schema = { type: 'object', required: Array.from({ length: 5000 }, (_, index) => `field_${index}`) }
  const problem = problemOf(schema, {})!
  expect(problem).toMatch(/field_0 is missing; field_1 is missing; .*; and 4994 more\.$/)
  expect(problem.length).toBeLessThan(500)
})

const form = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] })

describe('where there are several forms', () => {
  test('kinds are told together', () => {
    const schema = { type: 'object', properties: { at: { anyOf: [{ type: 'string' }, { type: 'null' }] } } }
    expect(problemOf(schema, { at: 3 })).toBe('The arguments do not fit: at must be a string or null, but is a number.')
  })
  test('what each of them misses is told', () => {
    const schema = { type: 'object', properties: { to: { oneOf: [form('mail'), form('phone')] } } }
    expect(problemOf(schema, { to: {} })).toContain(
      'to fits none of the allowed forms (to.mail is missing | to.phone is missing)',
    )
    expect(problemOf(schema, { to: { mail: 'a', phone: 'b' } })).toContain('exactly one of the allowed forms')
  })
})

describe('a schema', () => {
  test('may be of draft-07 or 2020-12, and say so or not', () => {
    const pair = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }
    const old = { type: 'object', definitions: { pair }, properties: { pair: { $ref: '#/definitions/pair' } } }
    const now = {
      type: 'object',
      $defs: { pair: { type: 'array', prefixItems: pair.items } },
      properties: { pair: { $ref: '#/$defs/pair' } },
    }
    for (const schema of [
      old,
      { ...old, $schema: 'http://json-schema.org/draft-07/schema#' },
      now,
      { ...now, $schema: 'https://json-schema.org/draft/2020-12/schema' },
    ]) {
      expect(problemOf(schema, { pair: ['a', 1] })).toBeNull()
      expect(problemOf(schema, { pair: ['a', 'b'] })).toContain('pair[1] must be a number, but is a string')
    }
  })
  test('may share its $id with another', () => {
    for (const type of ['string', 'number']) {
      const schema = { $id: 'https://example.com/tool', type: 'object', properties: { a: { type } } }
      expect(problemOf(schema, { a: true })).toContain(`a must be a ${type}`)
    }
  })
  test('may have a pattern that is sloppy', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^[\\w\\@]+$' } } }
    expect(problemOf(schema, { a: 'me@example' })).toBeNull()
    expect(problemOf(schema, { a: 'me example' })).toContain('must match the pattern')
  })
  test.each([
    ['is not of an object', { type: 'string' }],
    ['has a type that there is not', { type: 'object', properties: { a: { type: 'text' } } }],
    ['has a pattern that is none', { type: 'object', properties: { a: { pattern: '(' } } }],
    ['refers to elsewhere', { type: 'object', properties: { a: { $ref: 'https://example.com/a.json' } } }],
    ['refers to nothing', { type: 'object', properties: { a: { $ref: '#/$defs/a' } } }],
    [
      'refers to itself alone',
      { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { $ref: '#/$defs/a' } } },
    ],
    ['would be checked later', { type: 'object', $async: true }],
    ['is larger than anything', { type: 'object', description: 'x'.repeat(70_000) }],
  ])('that %s is refused', (_, schema) => {
    expect(() => requireSchema(schema)).toThrow(SchemaInvalid)
  })
})

describe('what would take for ever is broken off', () => {
  test.each([
    ['a pattern', { a: { type: 'string', pattern: '^(a+)+$' } }, { a: `${'a'.repeat(60)}!` }],
    [
      'a comparison of all with all',
      { a: { uniqueItems: true } },
      { a: Array.from({ length: 50_000 }, (_, i) => [i]) },
    ],
  ])('%s', (_, properties, input) => {
    const startedAt = performance.now()
    expect(problemOf({ type: 'object', properties }, input)).toContain('could not be checked')
    expect(performance.now() - startedAt).toBeLessThan(3000)
  })
  test('and the same arguments are not checked again, however often they are looked at', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
    const input = { a: `${'a'.repeat(60)}!` }
    const startedAt = performance.now()
    for (let times = 0; times < 20; times++) expect(problemOf(schema, input)).toContain('could not be checked')
    expect(problemOf({ type: 'object' }, input)).toBeNull()
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
  test('a nesting without end', () => {
    const tree = { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    expect(problemOf(tree, deep)).toContain('could not be checked')
    expect(problemOf(tree, { a: {} })).toContain('a.a is missing')
  })
})

test('arguments that are far too long are not checked', () => {
  expect(problemOf(weather, { city: 'x'.repeat(2_000_000) })).toContain('longer than 1048576 bytes')
})

test('names of what every object has are names like others', () => {
  const schema = { type: 'object', required: ['toString'], properties: { constructor: { type: 'string' } } }
  expect(problemOf(schema, {})).toContain('toString is missing')
  expect(problemOf(schema, JSON.parse('{"toString":1,"__proto__":2}'))).toBeNull()
})

test('a long list in which all is wrong is explained at once', () => {
  const items = { anyOf: [{ type: 'string' }, { type: 'object', properties: { id: { type: 'string' } } }] }
  const schema = { type: 'object', properties: { list: { type: 'array', items } } }
  const startedMs = performance.now()
  const problem = problemOf(schema, { list: Array.from({ length: 2000 }, () => 1) })
  expect(performance.now() - startedMs).toBeLessThan(1000)
  expect(problem).toMatch(
    /^The arguments do not fit: list\[0\] must be a string or an object, but is a number; .* and \d+ more\.$/,
  )
})
