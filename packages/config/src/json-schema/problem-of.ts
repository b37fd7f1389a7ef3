import type { ValidateFunction } from 'ajv'
import { bounded } from './bounded.ts'
import { compileSchema, type JsonSchema } from './compile-schema.ts'
import { explainErrors } from './explain-errors.ts'

/** More than a model writes at once. */
const maxInputBytes = 1024 * 1024
const checkLimitMs = 250

const compiled = new WeakMap<JsonSchema, ValidateFunction>()
/** A step looks at the same arguments again after each event that it appends; arguments never change. */
const judged = new WeakMap<JsonSchema, WeakMap<object, string | null>>()

/**
 * What is wrong with arguments, in words that a model can act on; null: nothing. Throws `SchemaInvalid`, and only for the
 * schema's sake: `requireSchema` says so early.
 */
export function problemOf(schema: JsonSchema, input: unknown): string | null {
  const validate = requireSchema(schema)
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'The arguments must be a JSON object.'
  const known = judged.get(schema) ?? new WeakMap<object, string | null>()
  judged.set(schema, known)
  const before = known.get(input)
  if (before !== undefined) return before
  const problem = judge(validate, input)
  known.set(input, problem)
  return problem
}

function judge(validate: ValidateFunction, input: object): string | null {
  try {
    if (Buffer.byteLength(JSON.stringify(input)) > maxInputBytes) {
      return `The arguments are longer than ${maxInputBytes} bytes. Send less.`
    }
    if (bounded(() => validate(input), checkLimitMs)) return null
  } catch {
    // Too slow, or nested so deep that the stack does not suffice.
    return `The arguments could not be checked. Send shorter or simpler ones.`
  }
  return explainErrors(validate.errors ?? [])
}

/** Compiles it, once. */
export function requireSchema(schema: JsonSchema): ValidateFunction {
  let validate = compiled.get(schema)
  if (validate === undefined) {
    validate = compileSchema(schema)
    compiled.set(schema, validate)
  }
  return validate
}
