import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import { answerOf } from './answer-of.ts'
import { completed, created, messageAdded, responseFrame, textDelta } from './responses-frames.ts'
import { routeTo } from './route-to.ts'
import { type Upstream, startUpstream, stream } from './upstream.ts'

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

test('a model that thinks without a word for longer than a first word may take still has time to say it', async () => {
  const firstTokenTimeoutMs = 500
  const thought = { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [] } }
  upstream.answerWith(async (response) => {
    stream(response, created(), responseFrame('response.output_item.added', thought))
    await sleep(firstTokenTimeoutMs * 1.5)
    response.write(responseFrame('response.output_item.done', thought))
    await sleep(100)
    response.end(messageAdded() + textDelta('At last.') + completed({ text: 'At last.' }))
  })
  const route = routeTo('openai', { baseUrl: upstream.url, firstTokenTimeoutMs })
  const { text, error } = await answerOf(openProvider(route, { key: 'k' }))
  expect({ text, error }).toEqual({ text: 'At last.', error: undefined })
})
