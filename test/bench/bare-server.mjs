/** What a Node server without anything costs that holds streams: `node test/bench/bare-server.mjs`. Says where it is. */
import { createServer } from 'node:http'

const open = new Set()

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.write('retry: 1000\n\n')
  open.add(response)
  response.on('close', () => open.delete(response))
})
server.listen(0, '127.0.0.1', 4096, () => {
  process.stdout.write(`{"url":"http://127.0.0.1:${server.address().port}"}\n`)
})
