import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../src/index.ts'

let echo: Server
let proxy: TcpProxy
let client: Socket
let received: string

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startTcpProxy({ port: (echo.address() as AddressInfo).port })
  client = await newClient()
})

afterEach(async () => {
  client.destroy()
  await proxy.stop()
  echo.close()
})

async function newClient(): Promise<Socket> {
  received = ''
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  socket.on('error', () => {}).on('data', (chunk) => (received += chunk.toString()))
  await once(socket, 'connect')
  return socket
}

test('passes bytes both ways', async () => {
  client.write('hello')
  await expect.poll(() => received).toBe('hello')
})

test('cuts every connection and accepts new ones', async () => {
  client.write('a')
  await expect.poll(() => received).toBe('a')
  proxy.cutAll()
  await once(client, 'close')
  client = await newClient()
  client.write('b')
  await expect.poll(() => received).toBe('b')
})

test('refuses new connections while told to', async () => {
  proxy.refuse(true)
  const refused = await newClient()
  await once(refused, 'close')
  proxy.refuse(false)
  client = await newClient()
  client.write('again')
  await expect.poll(() => received).toBe('again')
})

test('holds bytes back in one direction, and lets them go', async () => {
  const onTheServer: string[] = []
  proxy.intercept('up', (chunk) => (onTheServer.push(chunk.toString()), chunk))
  proxy.stall('down', true)
  client.write('held')
  await expect.poll(() => onTheServer).toEqual(['held'])
  expect(received).toBe('')
  proxy.stall('down', false)
  await expect.poll(() => received).toBe('held')
})

test('a connection that is made while bytes are held back is held back too', async () => {
  proxy.stall('both', true)
  client = await newClient()
  const seen: string[] = []
  proxy.intercept('up', (chunk) => (seen.push(chunk.toString()), chunk))
  client.write('late')
  proxy.stall('both', false)
  await expect.poll(() => received).toBe('late')
  expect(seen).toEqual(['late'])
})

test('swallows what the test wants lost', async () => {
  proxy.intercept('down', (chunk) => (chunk.includes('lost') ? null : chunk))
  client.write('lost')
  const echoed = once(client, 'data')
  proxy.intercept('down', undefined)
  client.write('kept')
  await echoed
  await expect.poll(() => received).toMatch(/kept$/)
})

test('bytes arrive late while told so, and in order when they need no longer', async () => {
  proxy.delay(150)
  const sentAt = performance.now()
  client.write('a')
  await expect.poll(() => received).toBe('a')
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(295)
  client.write('b')
  const seen: string[] = []
  proxy.intercept('up', (chunk) => (seen.push(chunk.toString()), chunk))
  await expect.poll(() => seen.join('')).toBe('b')
  proxy.delay(0)
  client.write('c')
  await expect.poll(() => received).toBe('abc')
})
