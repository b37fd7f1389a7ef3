import type { z } from 'zod'
import { customEvent } from '../../packages/events/src/vocabulary/custom-events.ts'
import { namedEventSchema } from '../../packages/events/src/vocabulary/event.ts'
import {
  besideSchema,
  timingSchema,
  toolCallSchema,
  toolResultSchema,
} from '../../packages/events/src/vocabulary/message-events.ts'
import { failureSchema } from '../../packages/events/src/vocabulary/failure.ts'
import { partSchema } from '../../packages/events/src/vocabulary/parts.ts'
import { replayPartSchema } from '../../packages/events/src/vocabulary/replay.ts'
import { confirmationModeSchema, limitsSchema } from '../../packages/events/src/vocabulary/run-events.ts'
import {
  count,
  cursorText,
  identifier,
  instant,
  milliseconds,
  ordinal,
} from '../../packages/events/src/vocabulary/scalars.ts'
import { taskSchema } from '../../packages/events/src/vocabulary/confirmation-events.ts'
import { usageSchema } from '../../packages/events/src/vocabulary/usage.ts'
import { CURRENT_VERSIONS } from '../../packages/events/src/vocabulary/versions.ts'

/** What lies inside several events, by the name under which the document explains it. */
const shapes: Readonly<Record<string, z.ZodType>> = {
  usage: usageSchema,
  failure: failureSchema,
  part: partSchema,
  task: taskSchema,
  'tool call': toolCallSchema,
  'tool result': toolResultSchema,
  timing: timingSchema,
  limits: limitsSchema,
  'confirmation mode': confirmationModeSchema,
  'tool description': besideSchema.shape.tools.unwrap().element,
  'replay part': replayPartSchema,
}

const scalars = new Map<z.core.$ZodType, string>([
  [identifier, 'id'],
  [instant, 'time'],
  [cursorText, 'cursor'],
  [count, '0…'],
  [ordinal, '1…'],
  [milliseconds, 'ms'],
])

const ENVELOPE = new Set(['v', 'type', 'at'])

/** A line for each type of event: its version and its fields. What it means is said by hand below it. */
export function eventLines(): string[] {
  const named = namedEventSchema.options.map((schema) => {
    const type = schema.shape.type.value
    return `- **\`${type}\`** v${CURRENT_VERSIONS[type]}: ${fieldsOf(schema.shape)}`
  })
  return [...named, `- **\`custom.<name>\`** v1…: ${fieldsOf(customEvent.shape)}`]
}

export function shapeLines(): string[] {
  return Object.entries(shapes).map(([name, schema]) => `- ${name}: ${inside(schema)}`)
}

function fieldsOf(shape: Readonly<Record<string, z.core.$ZodType>>): string {
  return Object.entries(shape)
    .filter(([name]) => !ENVELOPE.has(name))
    .map(([name, schema]) => field(name, schema))
    .join(', ')
}

function field(name: string, schema: z.core.$ZodType): string {
  const { def } = (schema as z.ZodType)._zod
  return def.type === 'optional'
    ? `\`${name}\`? ${textOf((def as z.core.$ZodOptionalDef).innerType)}`
    : `\`${name}\` ${textOf(schema)}`
}

function textOf(given: z.core.$ZodType): string {
  const known = Object.entries(shapes).find(([, shape]) => shape === given)
  return scalars.get(given) ?? known?.[0] ?? inside(given)
}

function inside(given: z.core.$ZodType): string {
  const def = (given as z.ZodType)._zod.def as { type: string } & Record<string, unknown>
  switch (def.type) {
    case 'string':
    case 'number':
      return def.type === 'string' ? 'text' : 'number'
    case 'boolean':
      return 'yes or no'
    case 'unknown':
      return 'anything'
    case 'record':
      return 'map'
    case 'enum':
      return Object.values(def['entries'] as object)
        .map((value) => `\`${value}\``)
        .join(' / ')
    case 'literal':
      return (def['values'] as unknown[]).map((value) => `\`${String(value)}\``).join(' / ')
    case 'nullable':
      return `${textOf(def['innerType'] as z.core.$ZodType)} or null`
    case 'optional':
      return textOf(def['innerType'] as z.core.$ZodType)
    case 'array':
      return `[${textOf(def['element'] as z.core.$ZodType)}]`
    case 'union':
      return (def['options'] as z.core.$ZodType[]).map(inside).join(' / ')
    case 'object': {
      const fields = Object.entries(def['shape'] as Record<string, z.core.$ZodType>).map(([name, one]) =>
        field(name, one),
      )
      return `{${fields.join(', ')}}`
    }
    default:
      throw new Error(`How is ${def.type} told in a table?`)
  }
}
