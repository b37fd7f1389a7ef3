import type { FastifyInstance } from 'fastify'
import { takesFile } from './file-body.ts'
import { Problem } from '../problems/problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON only, and strictly UTF-8: nothing that a client sends is silently replaced by something else. */
export function parseJsonBodies(http: FastifyInstance): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesFile(request)) {
      done(null, body)
      return
    }
    try {
      done(null, body.length === 0 ? undefined : parse(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (cause) {
    throw new Problem(400, 'malformed_json', 'The body is not JSON in UTF-8.', { cause })
  }
}
