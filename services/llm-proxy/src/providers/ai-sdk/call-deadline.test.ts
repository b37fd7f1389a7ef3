import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { CallDeadline } from './call-deadline.ts'

function standStill(forMs: number): void {
  const until = performance.now() + forMs
  while (performance.now() < until) continue
}

test('what came while this process stood still counts, however late it is read', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [upstream] = (await once(server, 'connection')) as [Socket]
  const deadline = new CallDeadline({ firstTokenMs: 60_000, stallMs: 50 }, 'test')
  deadline.answering()
  const answer = deadline.during(once(client, 'data'))
  upstream.write('a token')
  standStill(200)
  expect(String(await answer)).toBe('a token')
  expect(deadline.signal.aborted).toBe(false)
  client.destroy()
  server.close()
})

test('a wait in vain ends with what to report', async () => {
  const deadline = new CallDeadline({ firstTokenMs: 60_000, stallMs: 20 }, 'test')
  deadline.answering()
  const reported = new Promise((_resolve, reject) =>
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason)),
  )
  await expect(deadline.during(reported)).rejects.toMatchObject({ code: 'provider_stalled' })
})

test('the time before the first token is counted over all waits together', async () => {
  const deadline = new CallDeadline({ firstTokenMs: 60, stallMs: 60_000 }, 'test')
  const reported = new Promise((_resolve, reject) =>
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason)),
  )
  reported.catch(() => {})
  const since = performance.now()
  while (!deadline.signal.aborted && performance.now() - since < 5_000)
    await deadline.during(Promise.race([reported, new Promise((resolve) => setTimeout(resolve, 25))])).catch(() => {})
  expect(deadline.signal.reason).toMatchObject({ code: 'provider_timed_out' })
})
