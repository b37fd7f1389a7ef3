import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

type Json = Record<string, unknown>

export interface DescribedParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Json
  readonly example?: string
}

export interface DescribedBody {
  readonly required: boolean
  readonly mediaType: string
  readonly schema: Json
  readonly example: unknown
}

export interface DescribedOperation {
  /** `operationId`. */
  readonly id: string
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly summary: string
  /** Needs no key. */
  readonly isOpen: boolean
  readonly parameters: readonly DescribedParameter[]
  readonly body: DescribedBody | null
  readonly responses: Readonly<Record<string, Json>>
}

export interface Told {
  readonly status: number
  readonly contentType: string | null | undefined
  readonly text: string
}

/** What a server says of itself in its OpenAPI document, and whether what it answers is that. */
export class DescribedApi {
  readonly document: Json
  readonly operations: readonly DescribedOperation[]
  private readonly ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: false, allowUnionTypes: true })
  private readonly validators = new Map<string, ValidateFunction>()

  constructor(document: Json) {
    this.document = document
    this.operations = operationsIn(document)
    this.ajv.addFormat('date-time', (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text))
    const { schemas } = document['components'] as { schemas: Record<string, Json> }
    for (const [name, schema] of Object.entries(schemas)) {
      // Clients are told that more fields may come with any release. Here each is to be described.
      const whole = name === 'Problem' ? schema : closed(schema)
      this.ajv.addSchema({ ...(pointedAt(whole) as Json), $id: `spool:${name}` })
    }
  }

  static async of(baseUrl: string): Promise<DescribedApi> {
    const response = await fetch(`${baseUrl}/openapi.json`)
    if (response.status !== 200) throw new Error(`/openapi.json answers ${response.status}`)
    return new DescribedApi((await response.json()) as Json)
  }

  operation(id: string): DescribedOperation {
    const found = this.operations.find((operation) => operation.id === id)
    if (found === undefined) throw new Error(`There is no operation ${id}.`)
    return found
  }

  /** What is wrong with an answer, in words. */
  faultsOf({ id, responses }: DescribedOperation, { status, contentType, text }: Told): string[] {
    const about = `${id} ${status}`
    const response = responses[status] as { content?: Record<string, { schema?: Json }> } | undefined
    if (response === undefined) return [`${about} is not described: ${text.slice(0, 300)}`]
    const mediaType = (contentType ?? '').split(';')[0]!.trim()
    const { content = {} } = response
    if (Object.keys(content).length === 0) return text === '' ? [] : [`${about} has a body`]
    const media = content[mediaType] ?? content['*/*']
    if (media === undefined) return [`${about} is of type ${contentType}, not ${Object.keys(content).join(' or ')}`]
    if (!mediaType.endsWith('json') || media.schema === undefined) return []
    const validate = this.validator(`${about} ${mediaType}`, media.schema)
    if (validate(JSON.parse(text))) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${about}${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }

  /** Of a body that a client sends. */
  bodyFaults({ id, body }: DescribedOperation, value: unknown): string[] {
    if (body === null) return [`${id} takes no body`]
    const validate = this.validator(`${id} body`, body.schema)
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }

  private validator(name: string, schema: Json): ValidateFunction {
    const known = this.validators.get(name) ?? this.ajv.compile(pointedAt(schema) as Json)
    this.validators.set(name, known)
    return known
  }
}

/** The codes of the problems that an operation may be answered with under a status. */
export function codesOf({ responses }: DescribedOperation, status: number | string): string[] {
  const { content = {} } = (responses[status] ?? {}) as { content?: Record<string, { schema?: { allOf?: Json[] } }> }
  const [, narrowed] = content['application/problem+json']?.schema?.allOf ?? []
  const { code } = (narrowed?.['properties'] ?? {}) as { code?: { enum: string[] } }
  return code?.enum ?? []
}

function operationsIn({ paths }: Json): DescribedOperation[] {
  return Object.entries(paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation['operationId'] as string,
      method: method.toUpperCase(),
      path,
      summary: operation['summary'] as string,
      isOpen: Array.isArray(operation['security']) && operation['security'].length === 0,
      parameters: operation['parameters'] as DescribedParameter[],
      body: bodyOf(operation['requestBody'] as Json | undefined),
      responses: operation['responses'] as Record<string, Json>,
    })),
  )
}

function bodyOf(body: Json | undefined): DescribedBody | null {
  if (body === undefined) return null
  const [[mediaType, media] = ['', {}]] = Object.entries(body['content'] as Record<string, Json>)
  const { schema, example } = media as { schema: Json; example: unknown }
  return { required: body['required'] === true, mediaType, schema, example }
}

/** The same with nothing in an object but what is described. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner: Json = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner
}

/** References as this validator follows them. */
function pointedAt(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(pointedAt)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' ? String(value).replace('#/components/schemas/', 'spool:') : pointedAt(value),
    ]),
  )
}
