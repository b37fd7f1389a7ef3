import { Agent, fetch, Response } from 'undici'
import type { FetchLike } from '@modelcontextprotocol/client'
import { type FrameEnd, Frames } from './frames.ts'

/** More than any explanation takes. */
const maxRefusalBytes = 16 * 1024

export interface LimitedFetch {
  readonly fetch: FetchLike
  /** Ends all requests and lets go of the connections. */
  close(): Promise<void>
}

/**
 * `fetch` for an MCP server: as patient as the caller, and with a bound on what an answer can make us hold. It follows no
 * redirect: that would take the headers, and the secrets in them, to wherever it points. Each request has a connection of
 * its own: on one that was used before, nobody can tell a call that was lost from one that arrived.
 */
export function limitedFetch(): LimitedFetch {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 0, connect: { timeout: 10_000 } })
  const limited = async (url: string | URL, init?: object) => {
    const response = await fetch(url, { ...init, redirect: 'manual', dispatcher })
    const { body, ok, headers } = response
    if (!body) return response
    const isEvents = headers.get('content-type')?.startsWith('text/event-stream') === true
    const limit = ok ? framed(isEvents ? 'event' : 'end') : cutAfter(maxRefusalBytes)
    return new Response(body.pipeThrough(limit), response)
  }
  return { fetch: limited as unknown as FetchLike, close: () => dispatcher.destroy() }
}

function framed(end: FrameEnd): TransformStream<Uint8Array, Uint8Array> {
  const frames = new Frames(end)
  return new TransformStream({
    transform: (chunk, controller) => frames.take(Buffer.from(chunk)).forEach((frame) => controller.enqueue(frame)),
    flush: (controller) => frames.rest().forEach((frame) => controller.enqueue(frame)),
  })
}

function cutAfter(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let leftBytes = maxBytes
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.subarray(0, leftBytes))
      leftBytes -= chunk.length
      if (leftBytes <= 0) controller.terminate()
    },
  })
}
