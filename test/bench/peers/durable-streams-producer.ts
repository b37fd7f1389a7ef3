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

const onError = (error: Error) => process.stderr.write(`${String(error)}\n`)

async function append(stream: DurableStream, tokens: AsyncIterable<string>): Promise<void> {
  let last: Promise<void> = Promise.resolve()
  for await (const token of tokens) last = stream.append(token)
  await last
  await stream.close()
}

async function produce(stream: DurableStream, name: string, tokens: AsyncIterable<string>): Promise<void> {
  const producer = new IdempotentProducer(stream, name, { autoClaim: true, lingerMs: Number(LINGER_MS), onError })
  for await (const token of tokens) producer.append(token)
  await producer.flush()
  await producer.close()
}

serve(async ({ name, query, response }) => {
  const url = `${SERVER}/v1/stream/${name}`
  const stream = await DurableStream.create({ url, contentType: 'text/plain' })
  const tokens = clockTokens(numberIn(query, 'tokens'), numberIn(query, 'tps'))
  response.writeHead(201, { location: url }).end()
  await (WRITES === 'append' ? append(stream, tokens) : produce(stream, name, tokens))
})
