import { neededOf } from '../admitting/needed-scope.ts'
import { problemsOf } from './common-problems.ts'
import { eventOnTheWire } from './event-schema.ts'
import { type Answer, GROUPS, type HeaderParameter, type Operation } from './operation.ts'
import { ANSWER_HEADERS } from './parameters.ts'
import { problemSchema } from './problem-schema.ts'
import type { Route } from './routes.ts'
import { identifier } from './scalars.ts'
import { components, inline, type JsonSchema, refer } from './schemas.ts'

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: JsonSchema
  readonly paths: Record<string, Record<string, JsonSchema>>
  readonly components: { readonly schemas: Record<string, JsonSchema> } & JsonSchema
  readonly [field: string]: unknown
}

/** OpenAPI 3.1 of all routes. One that nobody has described is there, too, and says so. */
export function documentOf(routes: readonly Route[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  const ids = new Set<string>()
  for (const route of routes.toSorted(byGroup)) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}')
    const operation = route.operation ?? undescribed(route)
    const id = ids.has(operation.id) ? `${operation.id}${inPascal(path)}` : operation.id
    ids.add(id)
    ;(paths[path] ??= {})[route.method.toLowerCase()] = operationObject(operation, id, route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spool',
      version,
      summary: 'A self-hosted, event-sourced backend for chat and agent applications.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: GROUPS.filter((group) => routes.some(({ operation }) => operation?.group === group)).map((name) => ({
      name,
    })),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components(),
      headers: Object.fromEntries(
        Object.entries(ANSWER_HEADERS).map(([name, description]) => [
          name,
          { description, schema: { type: 'string' } },
        ]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a JWT.' },
      },
    },
  }
}

/** By group, then as they were registered. */
function byGroup(one: Route, other: Route): number {
  return placeOf(one) - placeOf(other)
}

function placeOf({ operation }: Route): number {
  return operation === undefined ? GROUPS.length : GROUPS.indexOf(operation.group)
}

function undescribed({ method, url }: Route): Operation {
  return { id: `${method.toLowerCase()}${inPascal(url)}`, group: 'Health', summary: UNDESCRIBED, answers: {} }
}

/** A test looks for it. */
export const UNDESCRIBED = 'Nobody has described this call yet.'

function operationObject(operation: Operation, id: string, route: Route): JsonSchema {
  const names = [...route.url.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const { summary, description, group, open } = operation
  return {
    operationId: id,
    tags: [group],
    summary,
    ...(description !== undefined && { description }),
    ...(open === true ? { security: [] } : { 'x-spool-scope': neededOf(route.method, route.url).scope }),
    parameters: parametersOf(operation, names),
    ...(operation.body !== undefined && { requestBody: requestBodyOf(operation.body, id) }),
    responses: responsesOf(operation, id, names),
  }
}

function parametersOf({ path = {}, query = {}, headers = [] }: Operation, names: readonly string[]): JsonSchema[] {
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: inline(path[name] ?? identifier) })),
    ...Object.entries(query).map(([name, schema]) => {
      const { description, ...rest } = inline(schema)
      const required = !schema.safeParse(undefined).success
      return { name, in: 'query', ...(required && { required }), ...(description ? { description } : {}), schema: rest }
    }),
    ...headers.map(({ name, description, schema, example }: HeaderParameter) => ({
      name,
      in: 'header',
      description,
      schema: inline(schema),
      ...(example !== undefined && { example }),
    })),
  ]
}

function requestBodyOf(body: NonNullable<Operation['body']>, id: string): JsonSchema {
  const { schema, optional, example, mediaType = 'application/json' } = body
  return {
    required: optional !== true,
    content: { [mediaType]: { schema: refer(schema, `${id}.body`), example } },
  }
}

function responsesOf(operation: Operation, id: string, pathParameters: readonly string[]): JsonSchema {
  const answers = Object.entries(operation.answers).map(([status, answer]) => [
    status,
    {
      description: answer.description,
      headers: headersOf(answer.headers),
      ...contentOf(answer, `${id}.${status}`),
      ...(answer.socket !== undefined && { 'x-spool-socket': refer(answer.socket, `${id}.client`) }),
    },
  ])
  const problems = Object.entries(problemsOf(operation, pathParameters)).map(([status, codes]) => [
    status,
    problemResponse(Number(status), codes),
  ])
  const responses: Record<string, JsonSchema> = Object.fromEntries(problems)
  for (const [status, response] of answers as [string, JsonSchema & { content?: object }][]) {
    const problem = responses[status] as { content: object } | undefined
    responses[status] =
      problem === undefined ? response : { ...response, content: { ...response.content, ...problem.content } }
  }
  return responses
}

function contentOf({ json, stream, bytes, html }: Answer, name: string): JsonSchema {
  const content: JsonSchema = {}
  if (json !== undefined) content['application/json'] = { schema: refer(json, name) }
  if (stream !== undefined) {
    const data = stream.data === 'event' ? eventOnTheWire : stream.data
    content['text/event-stream'] = {
      schema: { type: 'string', description: stream.description },
      ...(data !== undefined && { 'x-spool-data': refer(data, `${name}.data`) }),
    }
  }
  if (bytes === true) content['*/*'] = {}
  if (html === true) content['text/html'] = { schema: { type: 'string' } }
  return Object.keys(content).length === 0 ? {} : { content }
}

function problemResponse(status: number, codes: readonly string[]): JsonSchema {
  const extra = status === 401 ? ['www-authenticate'] : status === 429 || status === 503 ? ['retry-after'] : []
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: headersOf(extra),
    content: {
      'application/problem+json': {
        schema: { allOf: [refer(problemSchema, 'Problem'), { properties: { code: { enum: codes } } }] },
      },
    },
  }
}

function headersOf(names: readonly string[] = []): JsonSchema {
  return Object.fromEntries(['x-request-id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function inPascal(path: string): string {
  return path.replaceAll(
    /[^A-Za-z0-9]*([A-Za-z0-9]+)[^A-Za-z0-9]*/g,
    (_, word: string) => word[0]!.toUpperCase() + word.slice(1),
  )
}
