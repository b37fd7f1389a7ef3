import { z } from 'zod'

export type JsonSchema = Record<string, unknown>

const PREFIX = '#/components/schemas/'

/** The schemas that have a name in the document; wherever else they occur, they are referred to. */
const named = z.registry<{ id: string }>()

/** Gives a schema a name of its own. */
export function component<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id })
  return schema
}

/** Where a schema is found: under the name that it was given, else under this one. */
export function refer(schema: z.ZodType, name: string): JsonSchema {
  const known = named.get(schema)
  if (known === undefined) component(name, schema)
  return { $ref: PREFIX + (known?.id ?? name) }
}

/** All that have a name. */
export function components(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(named, { ...OPTIONS, uri: (id) => PREFIX + id })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema as JsonSchema)]))
}

/** For a parameter: written where it stands. */
export function inline(schema: z.ZodType): JsonSchema {
  return bare(z.toJSONSchema(schema, OPTIONS) as JsonSchema)
}

/**
 * `input`: what a client may send is wider than what becomes of it, and an object in an answer may get more fields with
 * any release, which `output` would forbid.
 */
const OPTIONS = { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' } as const

function bare({ $schema: _dialect, $id: _id, ...schema }: JsonSchema): JsonSchema {
  return schema
}
