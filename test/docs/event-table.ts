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

/** As much of a zod schema as is looked at here. */
interface Schema {
  readonly def: { readonly type: string }
}

/** What lies inside several events, by the name under which the document explains it. */
const shapes: Readonly<Record<string, Schema>> = {
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

const scalars = new Map<Schema, string>([
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

function fieldsOf(shape: Readonly<Record<string, Schema>>): string {
  return Object.entries(shape)
    .filter(([name]) => !ENVELOPE.has(name))
    .map(([name, schema]) => field(name, schema))
    .join(', ')
}

function field(name: string, schema: Schema): string {
  const { type, innerType } = schema.def as { type: string; innerType?: Schema }
  return type === 'optional' ? `\`${name}\`? ${textOf(innerType!)}` : `\`${name}\` ${textOf(schema)}`
}

function textOf(schema: Schema): string {
  const known = Object.entries(shapes).find(([, shape]) => shape === schema)
  return scalars.get(schema) ?? known?.[0] ?? inside(schema)
}

const plain: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  boolean: 'yes or no',
  unknown: 'anything',
  record: 'map',
}

const oneOf = (names: readonly unknown[]) => names.map((name) => `\`${String(name)}\``).join(' / ')

function inside({ def }: Schema): string {
  const { type, entries, values, innerType, element, options, shape } = def as {
    type: string
    entries: Record<string, string>
    values: unknown[]
    innerType: Schema
    element: Schema
    options: Schema[]
    shape: Record<string, Schema>
  }
  switch (type) {
    case 'enum':
      return oneOf(Object.values(entries))
    case 'literal':
      return oneOf(values)
    case 'nullable':
      return `${textOf(innerType)} or null`
    case 'array':
      return `[${textOf(element)}]`
    case 'union':
      return options.map(inside).join(' / ')
    case 'optional':
      return textOf(innerType)
    case 'object':
      return `{${Object.entries(shape)
        .map(([name, schema]) => field(name, schema))
        .join(', ')}}`
    default:
      if (plain[type] === undefined) throw new Error(`How is ${type} told in a table?`)
      return plain[type]
  }
}
