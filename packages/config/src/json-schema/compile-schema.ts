import { Ajv, type ErrorObject, MissingRefError, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { bounded } from './bounded.ts'
import { unescapePointer } from './pointer.ts'
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
  #rules: Ajv | undefined

  constructor(private readonly Checker: typeof Ajv | typeof Ajv2020) {}

  compile(schema: JsonSchema): ValidateFunction {
    const rules = (this.#rules ??= this.#rulesOfSchemas())
    if (!bounded(() => rules.validateSchema(schema), compileLimitMs)) {
      throw notASchema(rules.errors?.[0])
    }
    const validate = bounded(() => this.#checker().compile(schema), compileLimitMs)
    if ('$async' in validate) throw new SchemaInvalid('is not JSON Schema', ['$async'])
    return validate
  }

  /** One for each compilation: what one schema names (`$id`) is nothing to the next, and one that is broken off is thrown away. */
  #checker(): Ajv | Ajv2020 {
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
    return checker
  }

  /** Knows what a schema may look like. It is made once, without a limit: one that is broken off would never work again. */
  #rulesOfSchemas(): Ajv {
    const rules = new this.Checker(lenient)
    rules.validateSchema({})
    return rules
  }
}

const draft7 = new Dialect(Ajv)
const draft2020 = new Dialect(Ajv2020)

/** Loads nothing from anywhere: a `$ref` has to be to the schema itself. */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  const { $schema, ...rules } = schema
  if (rules['type'] !== undefined && rules['type'] !== 'object') throw new SchemaInvalid('must be object', ['type'])
  const bytes = Buffer.byteLength(JSON.stringify(rules))
  if (bytes > maxSchemaBytes) throw new SchemaInvalid(`has ${bytes} bytes; at most ${maxSchemaBytes} are allowed`)
  let problem: SchemaInvalid | undefined
  for (const dialect of dialectsOf($schema)) {
    try {
      return dialect.compile(rules)
    } catch (error) {
      problem ??= asInvalid(error)
    }
  }
  throw problem
}

function notASchema(error: ErrorObject | undefined): SchemaInvalid {
  if (error === undefined) return new SchemaInvalid('is no JSON Schema')
  const { keyword, instancePath, params, message = 'is wrong' } = error
  const path = instancePath.split('/').slice(1).map(unescapePointer)
  if (keyword === 'enum') return new SchemaInvalid(`must be one of ${params['allowedValues'].join(', ')}`, path)
  if (keyword === 'type') return new SchemaInvalid(`must be ${[params['type']].flat().join(' or ')}`, path)
  return new SchemaInvalid(message, path)
}

function asInvalid(error: unknown): SchemaInvalid {
  if (error instanceof SchemaInvalid) return error
  const options = { cause: error }
  if (error instanceof MissingRefError) {
    return new SchemaInvalid('has a $ref to what is not in it; nothing is loaded from elsewhere', [], options)
  }
  return new SchemaInvalid(error instanceof Error ? error.message : String(error), [], options)
}

/** Where a schema does not say what it is written in, it may be the one or the other. */
function dialectsOf($schema: unknown): Dialect[] {
  if (typeof $schema !== 'string') return [draft2020, draft7]
  if (/draft-0\d/.test($schema)) return [draft7]
  return /2020-12/.test($schema) ? [draft2020] : [draft2020, draft7]
}
