import type { OpenOptions } from '../open-options.ts'
import { patientFetch } from './patient-fetch.ts'
import { answerBody } from './answer-body.ts'
import { cutBody } from './cut-body.ts'
import { LineLimit } from './line-limit.ts'

/** More than any explanation takes. */
const maxRefusalBytes = 64 * 1024

/** No event takes more, and it bounds what one answer can hold in memory. */
const usualLineBytes = 256 * 1024

/** What goes between us and a provider: `fetch`, with a bound on what an answer can make us hold in memory. */
export function providerFetch(options: OpenOptions, lineBytes = usualLineBytes): typeof globalThis.fetch {
  const { fetch = patientFetch, maxLineBytes = lineBytes } = options
  return async (input, init) => {
    // A redirect would take the key along to wherever it points.
    const response = await fetch(input, { ...init, redirect: 'manual' })
    const { body, ok, headers } = response
    if (!body) return response
    const isEventStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    const limit = new LineLimit(maxLineBytes, isEventStream)
    return new Response(ok ? answerBody(body, limit) : cutBody(body, maxRefusalBytes), response)
  }
}
