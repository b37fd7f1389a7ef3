/**
 * The least that can stand between a browser and a model: passes each request on to `MODEL_URL`, and pipes the answer
 * back. Keeps nothing: whoever loses the connection has lost the answer.
 */
import { Agent, createServer, request as ask } from 'node:http'

const model = `${process.env['MODEL_URL']}/v1/chat/completions`
const agent = new Agent({ keepAlive: true })

const server = createServer((request, response) => {
  const headers = { 'content-type': 'application/json' }
  const asking = ask(model, { method: 'POST', agent, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    answer.pipe(response)
  })
  asking.on('error', () => response.destroy())
  request.pipe(asking)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
