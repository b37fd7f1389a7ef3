import type { IncomingMessage } from 'node:http'
import { type Dialect, DialectRefusal, type Wish } from '@spool/dialects'

const MAX_BODY_BYTES = 1024 * 1024

/** A request that a gateway would refuse. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** What the path holds, where it is that of the dialect; `null`: it is another one. */
export function parametersIn(dialect: Dialect, path: string): Record<string, string> | null {
  const pattern = dialect.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')
  const match = new RegExp(`^${pattern}$`).exec(path)
  if (match === null) return null
  return Object.fromEntries(
    Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
  )
}

/** What the request asks for. Throws `Refused`. */
export async function wishOf(
  dialect: Dialect,
  request: IncomingMessage,
  parameters: Record<string, string>,
): Promise<Wish<unknown>> {
  const body = dialect.body.safeParse(await jsonOf(request))
  if (!body.success) {
    const [issue] = body.error.issues
    throw new Refused(400, 'invalid_body', `${issue?.path.join('.')}: ${issue?.message}`)
  }
  try {
    return dialect.wish(body.data, parameters)
  } catch (error) {
    if (error instanceof DialectRefusal) throw new Refused(error.status, error.code, error.message)
    throw error
  }
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MAX_BODY_BYTES) throw new Refused(413, 'body_too_large', 'The body is larger than 1 MiB.')
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    throw new Refused(400, 'malformed_json', 'The body is no JSON.')
  }
}
