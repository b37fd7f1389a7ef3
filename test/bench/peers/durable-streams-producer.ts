/**
 * The backend of an application over durable streams: POST starts a generation, whose tokens it appends to a stream of
 * the durable-streams server at SERVER, and is answered with where to read. How it appends is said by WRITES:
 *
 *   append     `DurableStream.append`, not awaited: what is made while a request is under way goes into the next one.
 *              So do the transports of durable streams for the AI SDK and for TanStack AI.
 *   producer   `IdempotentProducer`, which their documentation advises for tokens, with LINGER_MS
 */
import { DurableStream, IdempotentProducer } from '@durable-streams/client'
import { clockTokens } from './clock-tokens.ts'
import { numberIn, serve } from './serve.ts'

const { SERVER, WRITES = 'append', LINGER_MS = '5' } = process.env

/** A stream that takes no more is at its end, and its reader notices. One word of why is enough for all. */
let told = false
function tell(error: Error): void {
  if (!told) process.stderr.write(`durable streams: ${error.message}\n`)
  told = true
}

async function append(stream: DurableStream, tokens: AsyncIterable<string>): Promise<void> {
  let failed: Error | undefined
  let last: Promise<void> = Promise.resolve()
  for await (const token of tokens) {
    if (failed !== undefined) throw failed
    last = stream.append(token).catch((error: Error) => {
      failed = error
    })
  }
  await last
  await stream.close()
}

async function produce(stream: DurableStream, name: string, tokens: AsyncIterable<string>): Promise<void> {
  const options = { autoClaim: true, lingerMs: Number(LINGER_MS), onError: tell }
  const producer = new IdempotentProducer(stream, name, options)
  for await (const token of tokens) producer.append(token)
  await producer.flush()
  await producer.close()
}

serve(async ({ name, query, response }) => {
  const url = `${SERVER}/v1/stream/${name}`
  const stream = await DurableStream.create({ url, contentType: 'text/plain' })
  const tokens = clockTokens(numberIn(query, 'tokens'), numberIn(query, 'tps'))
  response.writeHead(201, { location: url }).end()
  await (WRITES === 'append' ? append(stream, tokens) : produce(stream, name, tokens)).catch(tell)
})
