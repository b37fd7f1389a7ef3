import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import { ToolError } from '../../tool-error.ts'
import { zodTool } from '../zod-tool.ts'
import { AllowList } from './allow-list.ts'
import { checkedAddresses, type Resolve, resolveBySystem } from './check-address.ts'
import { checkedUrl } from './checked-url.ts'
import { getOnce } from './get-once.ts'
import { readText } from './read-text.ts'

export interface HttpGetOptions {
  readonly allow: readonly string[]
  readonly resolve?: Resolve
  /** For all redirects and the body together. */
  readonly timeLimitMs?: number
}

const MAX_REDIRECTS = 5
const MAX_BYTES = 1024 * 1024
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export function httpGet({ allow, resolve = resolveBySystem, timeLimitMs = 20_000 }: HttpGetOptions) {
  const allowList = new AllowList(allow)

  /** Follows redirects by hand: each place is checked as if it had been asked for. */
  async function get(
    text: string,
    accept: string,
    signal: AbortSignal,
  ): Promise<{ url: URL; response: IncomingMessage }> {
    let url = checkedUrl(text, allowList)
    for (let redirects = 0; ; redirects += 1) {
      const addresses = await checkedAddresses(url, allowList, resolve)
      signal.throwIfAborted()
      const response = await getOnce({ url, accept, addresses, signal })
      const location = REDIRECTS.has(response.statusCode ?? 0) ? response.headers.location : undefined
      if (location === undefined) return { url, response }
      response.destroy()
      if (redirects === MAX_REDIRECTS) {
        throw new ToolError('too_many_redirects', `More than ${MAX_REDIRECTS} redirects, the last from ${url.host}.`)
      }
      url = checkedUrl(location, allowList, url)
    }
  }

  return zodTool({
    name: 'http_get',
    description: `Reads a text (a page, JSON, …) from the web by GET. Only these hosts may be asked: ${allow.join(', ')}.`,
    input: z.strictObject({
      url: z.string().min(1).max(4096).describe('http or https URL'),
      headers: z
        .strictObject({
          accept: z
            .string()
            .max(200)
            .regex(/^[\x20-\x7e]+$/, 'must be plain ASCII')
            .optional(),
        })
        .optional(),
    }),
    repeatable: true,
    timeoutMs: timeLimitMs + 10_000,
    async run(input, context) {
      const limit = AbortSignal.timeout(timeLimitMs)
      const signal = AbortSignal.any([limit, context.signal])
      try {
        const { url, response } = await get(input.url, input.headers?.accept ?? '*/*', signal)
        const { contentType, text, truncated } = await readText(response, MAX_BYTES)
        const status = response.statusCode
        return { status, url: url.href, content_type: contentType, text, ...(truncated && { truncated }) }
      } catch (error) {
        context.signal.throwIfAborted()
        if (error instanceof ToolError) throw error
        if (limit.aborted) throw new ToolError('timed_out', `No whole answer within ${timeLimitMs / 1000} s.`)
        const reason = (error as NodeJS.ErrnoException).code ?? 'connection broken'
        throw new ToolError('unreachable', `The answer could not be read (${reason}).`, { cause: error })
      }
    },
  })
}
