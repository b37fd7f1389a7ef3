import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { patientFetch } from '../../src/providers/ai-sdk/patient-fetch.ts'

afterEach(() => void vi.useRealTimers())

test('a silence of an hour, before the answer and in the middle of it, ends no call by itself', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  const server = createServer().listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>
    const answered = patientFetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const [, response] = await asked
    await vi.advanceTimersByTimeAsync(3_600_000)
    response.write('first ')
    const reader = (await answered).body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader.read()).toMatchObject({ value: 'first ' })
    const second = reader.read()
    await vi.advanceTimersByTimeAsync(3_600_000)
    response.end('second')
    expect(await second).toMatchObject({ value: 'second' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
