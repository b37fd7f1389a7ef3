import type { DescribedOperation, DescribedParameter } from '../described/described-api.ts'
import type { Random } from '../chaos/random.ts'
import type { KnownThings } from './known-things.ts'
import type { RawRequest } from './raw-request.ts'

/** Names of parameters, and what they hold. */
const HOLDS: Readonly<Record<string, string>> = {
  session_id: 'session',
  at: 'cursor',
  'Last-Event-ID': 'cursor',
  agent_id: 'agent',
}

/** A request that the document says is right, about something that may be there. */
export function validRequest(
  operation: DescribedOperation,
  known: KnownThings,
  key: string,
  random: Random,
): RawRequest {
  let target = operation.path
  const query: string[] = []
  const headers: [string, string][] = [
    ['host', 'localhost'],
    ['authorization', `Bearer ${key}`],
  ]
  for (const parameter of operation.parameters) {
    const value = valueOf(parameter, known, random)
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(value))
    else if (parameter.required !== true && random.next() < 0.6) continue
    else if (parameter.in === 'query') query.push(`${parameter.name}=${encodeURIComponent(value)}`)
    else headers.push([parameter.name, value])
  }
  const { body } = operation
  const sent =
    body === null || (!body.required && random.next() < 0.3) ? null : Buffer.from(JSON.stringify(body.example))
  if (sent !== null) headers.push(['content-type', body!.mediaType])
  if (random.next() < 0.3) headers.push(['accept', random.next() < 0.5 ? 'text/event-stream' : 'application/json'])
  return {
    method: operation.method,
    target: query.length === 0 ? target : `${target}?${query.join('&')}`,
    version: 'HTTP/1.1',
    headers,
    body: sent,
    framing: 'whole',
    behind: 0,
    mutations: [],
  }
}

function valueOf({ name, schema, example }: DescribedParameter, known: KnownThings, random: Random): string {
  // A client that waits for long is no client that hangs.
  if (name === 'Prefer') return `wait=${random.whole(0, 1)}`
  const things = known.get(HOLDS[name] ?? name) ?? []
  if (things.length > 0 && random.next() < 0.9) return things[random.whole(0, things.length - 1)]!
  const some = schema['enum']
  if (Array.isArray(some)) return String(some[random.whole(0, some.length - 1)])
  if (schema['type'] === 'integer') return String(random.whole(1, 10))
  return example ?? `made-up-${random.whole(1, 50)}`
}
