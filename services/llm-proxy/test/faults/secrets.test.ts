import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuses, says } from '../support/fault-server-acts.ts'
import type { Act } from '../support/fault-server.ts'
import { FaultyModels, KEY } from './support/faulty-models.ts'

const echo = `Incorrect API key provided: ${KEY}. Bearer ${KEY}`
const echoing: [how: string, act: Act][] = [
  ['a refusal', refuses(401, { message: echo, code: KEY })],
  ['a bad request', refuses(400, { message: echo, type: KEY })],
  ['an outage', refuses(500, { message: echo })],
  ['a rate limit', refuses(429, { message: echo, headers: { 'retry-after': '0', 'x-key': KEY } })],
  ['a redirect', refuses(307, { message: echo, headers: { location: `/elsewhere?key=${KEY}` } })],
  ['an error in the stream', says('Once', (call) => call.send(`data: {"error":{"message":"${echo}"}}\n\n`))],
  ['garbage', says('Once', (call) => call.send(`data: ${echo}\n\n`))],
]

const models = new FaultyModels()
const openAi = echoing.map((_, index) => models.add(`chat-${index}`, { attempts: 1 }))
const anthropic = echoing.map((_, index) => models.add(`anthropic-${index}`, { provider: 'anthropic', attempts: 1 }))
beforeAll(() => models.start({ env: { LOG_LEVEL: 'debug' } }))
afterAll(() => models.stop())

const cases = [...openAi, ...anthropic].map((model, index) => {
  const [how, act] = echoing[index % echoing.length]!
  return { how, act, model }
})

test.concurrent.each(cases)(
  'a key that a provider echoes in $how is in no event and no log line ($model.alias)',
  async ({ act, model }) => {
    const [server] = model.providers
    server.answers(act)
    const { answer, events } = await models.ask(model)
    expect(answer.failures.length).toBeGreaterThan(0)
    // It did go out: the server has something to echo.
    expect(JSON.stringify(server.calls[0]!.headers)).toContain(KEY)
    for (const event of events) expect(event.text()).not.toContain(KEY)
    expect(models.system.lines.join('')).not.toContain(KEY)
  },
)
