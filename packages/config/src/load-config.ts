import { z } from 'zod'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { settingMeta } from './setting-meta.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment through a zod schema, or throws a `ConfigError` that names every problem at once.
 * `NAME=`, and white space alone, counts as not set: shells and compose files have no other way to take a variable back.
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, env: Environment = process.env): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.map((issue) => readable(issue, given, schema)))
}

function readable(issue: z.core.$ZodIssue, given: Record<string, unknown>, schema: z.ZodType): ConfigProblem {
  const variable = issue.path.length > 0 ? String(issue.path[0]) : ''
  if (!variable) return { variable, problem: issue.message }
  const { allowed, showValue } = metaOf(schema, variable)
  const expected = allowed ? `must be ${allowed}` : issue.message
  const value = given[variable]
  if (value === undefined) return { variable, problem: `is not set; ${expected}` }
  // A narrower rule (`.max()`) or a list with one bad part knows more than `allowed` says; the type checks do not.
  const sayMore = ['custom', 'too_big', 'too_small'].includes(issue.code) && issue.message !== expected
  const detail = sayMore ? ` (${issue.message})` : ''
  return { variable, problem: showValue ? `${JSON.stringify(value)} ${expected}${detail}` : expected + detail }
}

function metaOf(schema: z.core.$ZodType, variable: string) {
  const setting = objectShape(schema)?.[variable]
  return setting ? settingMeta(setting) : {}
}

/** The settings below an object schema, also when a `.transform()` or `.pipe()` renames them afterwards. */
export function objectShape(schema: z.core.$ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  if (schema instanceof z.ZodPipe) return objectShape(schema.def.in)
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined
}
