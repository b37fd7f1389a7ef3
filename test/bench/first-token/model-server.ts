/**
 * A model that everybody asks alike, over the chat-completions API of OpenAI: it says its first word at once, then one
 * every 20 ms, as many as the prompt asks for (`words=5`). Each word is the time at which it was said.
 */
import { createServer, type ServerResponse } from 'node:http'

const EVERY_MS = 20

const frame = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'a-model', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const END = `${frame({}, 'stop')}data: [DONE]\n\n`

async function answer(response: ServerResponse, words: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let said = 0; said < words && !response.destroyed; said++) {
    if (said > 0) await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    response.write(frame({ content: `${(performance.timeOrigin + performance.now()).toFixed(3)} ` }))
  }
  response.end(END)
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => (body += part))
  // The last that was asked, of a conversation.
  request.on('end', () => void answer(response, Number([...body.matchAll(/words=(\d+)/g)].at(-1)?.[1] ?? 1)))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
