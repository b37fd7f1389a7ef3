import { MAX_BLOB_BYTES } from '@spool/log'
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'

/** Where a call takes a file, its body is bytes, whatever it is said to be. */
export const takesFile = ({ routeOptions }: FastifyRequest): boolean => isForFiles(routeOptions.config)

const isForFiles = (config: FastifyContextConfig | undefined) =>
  config?.operation?.body?.mediaType === 'application/octet-stream'

/** Bodies that are no JSON: files, where they are asked for, and nothing anywhere else. */
export function takeFiles(http: FastifyInstance): void {
  http.addHook('onRoute', (route) => {
    if (isForFiles(route.config)) route.bodyLimit = MAX_BLOB_BYTES
  })
  // Before anything of a body is kept that nobody wants.
  http.addHook('preParsing', async (request) => {
    const type = request.headers['content-type'] ?? ''
    if (type === '' || /^application\/json(?:\s*;|$)/i.test(type) || takesFile(request)) return
    throw notJson()
  })
  http.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesFile(request)) done(null, body)
    else if (body.length === 0) done(null, undefined)
    else done(notJson())
  })
}

const notJson = () =>
  new Problem(415, 'unsupported_media_type', 'Send the body as JSON, with `content-type: application/json`.')
