import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Bus, ServerTooOld } from '../src/index.ts'

/** Greets as a server of that version does, and answers pings. */
async function standIn(version: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write(`INFO ${JSON.stringify({ server_id: 'x', version, headers: true, max_payload: 1048576 })}\r\n`)
    socket.on('data', (chunk) => {
      for (const _ of chunk.toString().matchAll(/^PING\r$/gm)) socket.write('PONG\r\n')
    })
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a server below the floor is refused, with a message that says what to do', async () => {
  const connecting = Bus.connect({ servers: await standIn('2.9.10'), name: 'test' })
  await expect(connecting).rejects.toThrow(ServerTooOld)
  await expect(connecting).rejects.toThrow(
    /2\.9\.10 is too old: 2\.10\.0 or newer is needed\. Install a current nats-server/,
  )
})

test('a server at the floor is taken', async () => {
  const bus = await Bus.connect({ servers: await standIn('2.10.0'), name: 'test' })
  expect(bus.features.batchDirectGet).toBe(false)
  await bus.close()
})
