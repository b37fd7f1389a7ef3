import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Frame, followOnce, tokensIn } from './support/follower.ts'
import { start, until } from './support/system.ts'

let spool: SpoolUnderTest
beforeAll(async () => {
  spool = await startSpool({ copies: { gateway: 2 } })
})
afterAll(() => spool?.stop())

async function call(method: string, path: string, { gateway = 0, body }: { gateway?: number; body?: object } = {}) {
  const response = await fetch(`${spool.urls[gateway]}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${spool.key}`,
      accept: path.endsWith('/events') ? 'text/event-stream' : 'application/json',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {}, text }
}

test('a session that is erased while it streams is gone at once for everybody, and again the same', async () => {
  const session = 'to-erase'
  const { run } = await start(spool, session, { message: 'go', model: 'demo/steady?tokens=100000&tps=200&seed=5' })
  const seen: Frame[] = []
  const events = `${spool.urls[1]}/v1/sessions/${session}/runs/${run}/events`
  const following = followOnce(events, { key: spool.key, onFrame: (frame) => seen.push(frame) })
  await until('50 tokens', () => tokensIn(seen) >= 50)
  const path = `/v1/sessions/${session}`
  const erased = await call('DELETE', path)
  expect([erased.status, erased.json]).toEqual([
    200,
    { session, erased: true, cursor: expect.stringMatching(/^1-\d+$/) as string },
  ])
  expect(await following).toMatchObject({ status: 200, ended: true })
  expect(seen.at(-1)!.event).toBe('session.erased')
  const uses: [string, string, object?][] = [
    ['GET', path],
    ['GET', `${path}/messages`],
    ['GET', `${path}/messages/m`],
    ['GET', `${path}/runs/${run}`],
    ['GET', `${path}/runs/${run}/events`],
    ['GET', `${path}/events`],
    ['GET', `${path}/confirmations`],
    ['GET', `${path}/artifacts`],
    ['GET', `${path}/blobs/b`],
    ['POST', `${path}/runs`, { message: 'are you there?' }],
    ['POST', `${path}/runs/${run}/cancel`],
    ['POST', `${path}/confirmations/c`, { action: 'confirm' }],
  ]
  for (const gateway of [0, 1]) {
    for (const [method, use, body] of uses) {
      const { status, json } = await call(method, use, { gateway, ...(body && { body }) })
      expect([method, use, status, json.code]).toEqual([method, use, 410, 'session_erased'])
    }
    expect((await call('DELETE', path, { gateway })).json).toEqual(erased.json)
  }
  const { json } = await call('GET', '/v1/sessions')
  expect(json.sessions).toEqual([])
  const never = await call('DELETE', '/v1/sessions/never-was')
  expect([never.status, never.json.code]).toEqual([404, 'session_not_found'])
})
