import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Lateness } from '../lateness.ts'
import type { Play } from './load-commands.ts'
import { PlayedStream } from './played-stream.ts'
import { ResumableStreamReading } from './resumable-stream-reading.ts'

const TOKENS = ['1795223085919.599 ', '1795223085939.912 ', '1795223085959.857 ']
const event = (token: string) => `data: ${token}\n\n`

let end = () => {}
afterEach(() => end())

/** What a client finds that is answered so, once it is through. */
async function played(
  answer: (response: ServerResponse, resumeAt: string | null) => void,
): Promise<{ stream: PlayedStream; counted: number }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://here')
    answer(response, searchParams.get('resumeAt'))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  end = () => server.close()
  const { port } = server.address() as AddressInfo
  const play: Play = {
    wire: 'resumable-stream',
    urls: [`http://127.0.0.1:${port}`],
    key: '',
    name: 'stream',
    streams: 1,
    tokens: TOKENS.length,
    tokensPerSecond: 50,
    overMs: 0,
    resumed: false,
    from: 0,
    until: Infinity,
  }
  const counts = { lateness: new Lateness(), events: 0 }
  const stream = new PlayedStream(play, 0, new ResumableStreamReading(play), counts)
  stream.begin()
  await expect.poll(() => stream.done || stream.fault !== undefined).toBe(true)
  stream.drop()
  return { stream, counted: counts.lateness.count }
}

/** In chunks, as every stream is. */
function say(response: ServerResponse, text: string): void {
  response.flushHeaders()
  response.end(text)
}

const answered = (tokens: readonly string[]) => played((response) => say(response, tokens.map(event).join('')))

test('a stream with all of its tokens is without fault', async () => {
  const { stream, counted } = await answered(TOKENS)
  expect(stream.fault).toBeUndefined()
  expect(counted).toBe(TOKENS.length)
})

test('tokens that come twice, or in another order, are found', async () => {
  const [first, second, third] = TOKENS as [string, string, string]
  expect((await answered([first, second, second, third])).stream.fault).toMatch(/token 3 was made at/)
  expect((await answered([first, third, second])).stream.fault).toMatch(/token 3 was made at/)
  expect((await answered([first, second, third, '1795223085979.000 '])).stream.fault).toBe('4 tokens of 3')
})

test('a refusal is found', async () => {
  const { stream } = await played((response) => response.writeHead(503).end('too much'))
  expect(stream.fault).toBe('HTTP/1.1 503 Service Unavailable')
})

test('who is cut off comes back for what is behind the last whole event', async () => {
  const all = TOKENS.map(event).join('')
  const asked: (string | null)[] = []
  const { stream, counted } = await played((response, resumeAt) => {
    asked.push(resumeAt)
    if (resumeAt !== null) say(response, all.slice(Number(resumeAt)))
    else response.write(all.slice(0, event(TOKENS[0]!).length + 9), () => response.destroy())
  })
  expect(asked).toEqual([null, String(event(TOKENS[0]!).length)])
  expect(stream.fault).toBeUndefined()
  expect(stream.lostConnections).toBe(1)
  expect(counted).toBe(TOKENS.length)
})

test('a token that was never sent is found: the stream has no end that counts', async () => {
  let answers = 0
  const { stream } = await played((response, resumeAt) => {
    if (answers++ === 5) response.writeHead(422).end()
    else say(response, resumeAt === null ? TOKENS.slice(0, 2).map(event).join('') : '')
  })
  expect(stream.done).toBe(false)
  expect(stream.fault).toMatch(/422/)
})
