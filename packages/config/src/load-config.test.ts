import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { describeSettings } from './describe-settings.ts'
import { loadConfig } from './load-config.ts'
import { serviceSettings } from './service-settings.ts'
import { boolean, copies, milliseconds, oneOf, port, secret, url, urls } from './settings.ts'

const problemsOf = (schema: z.ZodType, env: Record<string, string>): string[] => {
  try {
    loadConfig(schema, env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  return []
}

describe('loadConfig', () => {
  test('reads typed values and defaults, and keeps other variables out', () => {
    const schema = z.object({ PORT: port().default(8080), DRAIN_MS: milliseconds(), CHECK: boolean().default(false) })
    expect(loadConfig(schema, { DRAIN_MS: '250', CHECK: 'on', PATH: '/bin' })).toEqual({
      PORT: 8080,
      DRAIN_MS: 250,
      CHECK: true,
    })
  })

  test('a variable set to nothing counts as not set', () => {
    for (const nothing of ['', '   ', '\n']) {
      expect(loadConfig(z.object({ PORT: port().default(8080) }), { PORT: nothing })).toEqual({ PORT: 8080 })
    }
  })

  test('reports all problems at once: the variable, what stands there, what is allowed', () => {
    const schema = z.object({ PORT: port(), LEVEL: oneOf('debug', 'info'), DATABASE_URL: url('postgres') })
    expect(problemsOf(schema, { PORT: '80a', LEVEL: 'loud' })).toEqual([
      'PORT: "80a" must be a port, 0 to 65535 (0 = any free one)',
      'LEVEL: "loud" must be one of debug, info',
      'DATABASE_URL: is not set; must be a URL (postgres)',
    ])
  })

  test('never echoes a secret, a URL with a password, or a setting that nobody marked as harmless', () => {
    const schema = z.object({ A: url('https'), B: secret().max(3), C: z.string().max(3), D: urls('nats') })
    const value = 'mysql://me:hunter2@db'
    const problems = problemsOf(schema, { A: value, B: value, C: value, D: value })
    expect(problems).toHaveLength(4)
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  test('reports problems by variable also when the schema renames its settings', () => {
    const schema = z.object({ PORT: port() }).transform((env) => ({ port: env.PORT }))
    expect(loadConfig(schema, { PORT: '1' })).toEqual({ port: 1 })
    expect(problemsOf(schema, { PORT: '70000' })).toEqual([
      'PORT: "70000" must be a port, 0 to 65535 (0 = any free one)',
    ])
  })

  test('a rule over several variables is reported in its own words', () => {
    const schema = z
      .object({ KEY: secret().optional(), MODEL: z.string().optional() })
      .refine((env) => !env.KEY || env.MODEL, 'KEY needs MODEL as well')
    expect(problemsOf(schema, { KEY: 'k' })).toEqual(['KEY needs MODEL as well'])
  })

  test.each(['1e3', '0x10', '-1', '1.5', 'NaN', '99999'])('refuses %s as a port', (value) => {
    expect(problemsOf(z.object({ PORT: port() }), { PORT: value })).toHaveLength(1)
  })
})

describe('copies', () => {
  const schema = z.object({ COPIES: copies(['gateway', 'llm-proxy']) })

  test('counts the services that are named and gives the others one copy', () => {
    expect(loadConfig(schema, { COPIES: 'llm-proxy=3' })).toEqual({ COPIES: { gateway: 1, 'llm-proxy': 3 } })
  })

  test('names each part that does not fit', () => {
    const problems = problemsOf(schema, { COPIES: 'gatway=2,llm-proxy=many' })
    expect(problems[0]).toContain('("gatway=2" does not fit)')
    expect(problems[1]).toContain('("llm-proxy=many" does not fit)')
  })
})

describe('serviceSettings', () => {
  test('every service starts with nothing set', () => {
    expect(loadConfig(z.object(serviceSettings('gateway')), {})).toMatchObject({
      NATS_URL: ['nats://127.0.0.1:4222'],
      SPOOL_SHARDS: 1,
      HOST: '127.0.0.1',
      METRICS_PORT: 0,
      SPOOL_INSTANCE: expect.stringMatching(/^gateway-\d+$/),
    })
  })

  test('can be described as a table', () => {
    const described = describeSettings(z.object({ ...serviceSettings('gateway'), DATABASE_URL: url('postgres') }))
    expect(described.find(({ variable }) => variable === 'SPOOL_DRAIN_MS')).toEqual({
      variable: 'SPOOL_DRAIN_MS',
      description: 'How long a process may finish its work after SIGTERM',
      allowed: 'milliseconds, a whole number from 0 to 86400000',
      default: '30000',
      required: false,
    })
    expect(described.at(-1)).toMatchObject({ variable: 'DATABASE_URL', required: true, allowed: 'a URL (postgres)' })
  })
})
