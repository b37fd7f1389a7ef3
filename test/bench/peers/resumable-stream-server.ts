/**
 * A server with `resumable-stream`, as its README arranges one ("explicit resumption"): POST starts a generation and is
 * answered with its stream, GET with what comes after so many characters of it. Its publisher and its subscriber are the
 * clients of `redis` that it makes by itself, to REDIS_URL.
 */
import type { ServerResponse } from 'node:http'
import { createResumableStreamContext } from 'resumable-stream'
import { clockTokens } from './clock-tokens.ts'
import { numberIn, serve } from './serve.ts'

// What it says to pass where no process is suspended between requests.
const context = createResumableStreamContext({ waitUntil: null })

const asEvents = (tokens: AsyncGenerator<string>) =>
  new ReadableStream<string>({
    async pull(controller) {
      const { done, value } = await tokens.next()
      if (done === true) controller.close()
      else controller.enqueue(`data: ${value}\n\n`)
    },
  })

async function pipe(stream: ReadableStream<string> | null | undefined, response: ServerResponse): Promise<void> {
  if (!stream) {
    response.writeHead(422).end('Stream is already done')
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const reader = stream.getReader()
  // The generation goes on without its reader.
  response.once('close', () => void reader.cancel().catch(() => undefined))
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    response.write(value)
  }
  response.end()
}

serve(async ({ method, name, query, response }) => {
  if (method === 'POST') {
    const tokens = clockTokens(numberIn(query, 'tokens'), numberIn(query, 'tps'))
    await pipe(await context.createNewResumableStream(name, () => asEvents(tokens)), response)
  } else {
    await pipe(await context.resumeExistingStream(name, numberIn(query, 'resumeAt')), response)
  }
})
