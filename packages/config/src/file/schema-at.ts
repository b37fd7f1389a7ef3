import { z } from 'zod'

/** What may stand at a place of the file; undefined where nothing is known of it. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const [part, ...rest] = path
  if (part === undefined) return schema
  const inner = partOf(bare(schema), part)
  return inner && schemaAt(inner, rest)
}

/** The fields of the map at a place of the file, where it has fields of its own. */
export function fieldsAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
): Readonly<Record<string, z.core.$ZodType>> {
  const here = schemaAt(schema, path)
  return (here && objectIn(bare(here))?.shape) ?? {}
}

function partOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.def.element
  if (schema instanceof z.ZodRecord) return schema.def.valueType
  return objectIn(schema)?.shape[String(part)]
}

/** Where a word may stand instead of a map, the map. */
function objectIn(schema: z.core.$ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema
  return schema instanceof z.ZodUnion ? schema.def.options.find((option) => option instanceof z.ZodObject) : undefined
}

function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? bare(schema.def.innerType) : schema
}
