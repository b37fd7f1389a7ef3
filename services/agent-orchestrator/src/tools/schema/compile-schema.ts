import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { bounded } from './bounded.ts'
import { SchemaInvalid } from './schema-invalid.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const maxSchemaBytes = 64 * 1024
const compileLimitMs = 1000

const lenient = { strict: false, logger: false } as const

/** A pattern that JavaScript knows only without its flag `u` is one too: others wrote it for other engines. */
const patterns = Object.assign(
  (pattern: string, flags: string) => {
    try {
      return new RegExp(pattern, flags)
    } catch {
      return new RegExp(pattern)
    }
  },
  { code: 'pattern' },
)

class Dialect {
  /** Knows what a schema may look like. Building that takes longer than any schema of a tool, so it is done once. */
  readonly #rules: Ajv

  constructor(private readonly Checker: typeof Ajv | typeof Ajv2020) {
    this.#rules = new Checker(lenient)
  }

  compile(schema: JsonSchema): ValidateFunction {
    if (!bounded(() => this.#rules.validateSchema(schema), compileLimitMs)) {
      throw new Error(this.#rules.errorsText(this.#rules.errors?.slice(0, 3), { dataVar: 'schema' }))
    }
    // One of its own: what one schema names (`$id`) is nothing to the next, and a compilation that is broken off is thrown away.
    const checker = new this.Checker({
      ...lenient,
      meta: false,
      validateSchema: false,
      allErrors: true,
      verbose: true,
      ownProperties: true,
      code: { regExp: patterns },
    })
    addFormats.default(checker)
    const validate = bounded(() => checker.compile(schema), compileLimitMs)
    if ('$async' in validate) throw new Error('$async is not JSON Schema')
    return validate
  }
}

const draft7 = new Dialect(Ajv)
const draft2020 = new Dialect(Ajv2020)

/** Loads nothing from anywhere: a `$ref` has to be to the schema itself. */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  const { $schema, ...rules } = schema
  if (rules['type'] !== undefined && rules['type'] !== 'object') throw new SchemaInvalid('its type is not object')
  const bytes = Buffer.byteLength(JSON.stringify(rules))
  if (bytes > maxSchemaBytes) throw new SchemaInvalid(`it has ${bytes} bytes; at most ${maxSchemaBytes} are allowed`)
  let problem: unknown
  for (const dialect of dialectsOf($schema)) {
    try {
      return dialect.compile(rules)
    } catch (error) {
      problem ??= error
    }
  }
  throw new SchemaInvalid(problem instanceof Error ? problem.message : String(problem), { cause: problem })
}

/** Where a schema does not say what it is written in, it may be the one or the other. */
function dialectsOf($schema: unknown): Dialect[] {
  if (typeof $schema !== 'string') return [draft2020, draft7]
  if (/draft-0\d/.test($schema)) return [draft7]
  return /2020-12/.test($schema) ? [draft2020] : [draft2020, draft7]
}
