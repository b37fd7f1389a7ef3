import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { chunkOf, LAST_CHUNK } from './pieces.ts'
import { takeOver } from './take-over.ts'

let server: Server
afterEach(() => void server.close())

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('an answer goes on without HTTP, as one answer for its client', async () => {
  const closed = Promise.withResolvers<void>()
  const port = await serve((_, response) => {
    response.once('close', closed.resolve)
    response.writeHead(200, { connection: 'close' }).flushHeaders()
    const socket = takeOver(response)!
    socket.write(chunkOf([Buffer.from('one '), Buffer.from('piece, ')]))
    setImmediate(() => socket.end(Buffer.concat([chunkOf([Buffer.from('and another')]), LAST_CHUNK])).destroySoon())
  })
  const response = await fetch(`http://127.0.0.1:${port}`)
  expect(await response.text()).toBe('one piece, and another')
  await closed.promise
})

test('that its client leaves is heard by whoever waits for its close', async () => {
  const closed = Promise.withResolvers<void>()
  const port = await serve((_, response) => {
    response.once('close', closed.resolve)
    response.writeHead(200).flushHeaders()
    expect(takeOver(response)).not.toBeNull()
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'data')
  socket.end()
  await closed.promise
  await once(socket, 'close')
})
