import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ExitCode } from '../exit-codes.ts'
import { reachGateway } from './reach-gateway.ts'

/** A server that answers its requests with these, and then none any more. */
async function answering(...statuses: number[]): Promise<string> {
  const server = createServer((_request, response) => {
    const status = statuses.shift()
    if (status !== undefined) response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const never = new AbortController().signal

test('a gateway that is about to come is waited for', async () => {
  await reachGateway(await answering(502, 503, 200), 20_000, never)
})

test('one that refuses, says nothing or has somebody answer in its place is told after the time that was given', async () => {
  for (const url of ['http://127.0.0.1:9', await answering(), await answering(...Array<number>(100).fill(502))]) {
    const startedMs = performance.now()
    const reaching = reachGateway(url, 400, never)
    await expect(reaching).rejects.toMatchObject({
      exitCode: ExitCode.unavailable,
      message: expect.stringContaining(`No gateway answers at ${url}. Nothing was done.`),
    })
    expect(performance.now() - startedMs).toBeLessThan(4000)
  }
})

test('whoever has had enough does not wait for it', async () => {
  const enough = new AbortController()
  const reaching = reachGateway(await answering(), 60_000, enough.signal)
  enough.abort(new Error('enough'))
  await expect(reaching).rejects.toThrow('enough')
})
