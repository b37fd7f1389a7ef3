import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, refuses, says, tells } from '../support/fault-server-acts.ts'
import { until } from '../support/until.ts'
import { faults, fieldsOf, shownText } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels, finished } from './support/faulty-models.ts'

const STORY = 'Once upon a time there was.'
const LONG = Array.from({ length: 60 }, (_, index) => `word-${index} `).join('')

const models = new FaultyModels()
const left = models.add('left', {}, {}, {})
const leftElsewhere = models.add('left-elsewhere', {}, {})
const short = models.add('short', { attempts: 1 }, {})
const long = models.add('long', { attempts: 1 }, {})
const pausing = models.add('pausing', {})
const narrow = models.add('narrow', { max_concurrency: 1 })
beforeAll(() => models.start({ proxies: 0 }))
afterAll(() => models.stop())

/** What a worker that died in its second attempt left behind: a failure of the first route, and a text of another. */
async function leftBy(alias: string, model: string) {
  const conversation = models.conversation()
  await conversation.request(alias)
  const { run, message } = conversation
  const about = { run, message, provider: 'openai-compatible' }
  const error = { code: 'provider_unavailable', message: 'It cannot answer right now.' }
  await conversation.say('message.started', { ...about, model: `${alias}-1`, role: 'assistant', purpose: 'answer' })
  const attempt = { ...about, worker: 'dead-worker', kept: 0 }
  await conversation.say('generation.started', { ...attempt, model: `${alias}-1`, attempt: 1, reason: 'first' })
  await conversation.say('generation.failed', { run, message, attempt: 1, error })
  await conversation.say('generation.started', { ...attempt, model, attempt: 2, reason: 'failover' })
  await conversation.say('text.delta', { run, message, sequence: 1, text: 'Once upon ' })
  await conversation.publish()
  return conversation
}

test('an answer whose worker died after a failover goes on with the route that was writing it', async () => {
  const [, second] = left.providers
  second.answers(tells(STORY))
  const conversation = await leftBy('left', 'left-2')
  const proxy = await models.proxy()
  const { answer, events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  expect(courseOf(events).slice(4)).toEqual(['takeover left-2 10', '"a time there was."', 'complete: stop'])
  expect([answer.text, second.keptTexts]).toEqual([STORY, ['Once upon']])
  for (const other of [left.providers[0], left.providers[2]]) expect(other.calls).toEqual([])
  await proxy.stop()
})

test('… and with the first route where that one is no longer in the file', async () => {
  const [first, second] = leftElsewhere.providers
  first.answers(tells(STORY))
  const conversation = await leftBy('left-elsewhere', 'a-model-of-last-week')
  const proxy = await models.proxy()
  const { answer, events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  expect([answer.status, answer.model, shownText(events)]).toEqual(['complete', 'left-elsewhere-1', STORY])
  expect(second.calls).toEqual([])
  await proxy.stop()
})

test('at shutdown what can be finished in time is; the rest is handed over, wherever it stands', async () => {
  for (const model of [short, long]) model.providers[0].answers(refuses(401))
  short.providers[1].answers(tells(STORY, { wordMs: 100 }))
  long.providers[1].answers(says(...LONG.slice(0, 70).match(/\S+ /g)!), tells(LONG))
  pausing.providers[0].answers(refuses(429, { headers: { 'retry-after': '5' } }), answers('After the pause.'))
  narrow.providers[0].answers(says('Full. '), tells('Full. Now there is room.'))

  const first = await models.proxy({ SPOOL_DRAIN_MS: '1500' })
  const inPause = await models.begin(pausing)
  const holding = await models.begin(narrow)
  const onLongRoute = await models.begin(long)
  await holding.untilText('Full. '.length)
  await onLongRoute.untilText(50)
  const inLine = await models.begin(narrow)
  await until('the failure', async () => (await inPause.refresh(), inPause.answer.failures.length === 1))
  await models.untilInLine(narrow, 1)
  const onShortRoute = await models.begin(short)
  await onShortRoute.untilText(1)

  const second = await models.proxy()
  const stoppedAtMs = performance.now()
  await first.stop()
  expect(performance.now() - stoppedAtMs).toBeLessThan(6_000)

  const ends = await Promise.all([onShortRoute, onLongRoute, inPause, holding, inLine].map(finished))
  for (const { answer, events } of ends) {
    expect(faults(events)).toEqual([])
    expect([answer.status, answer.text]).toEqual(['complete', shownText(events)])
  }
  const [shortEnd, longEnd, pauseEnd, holdingEnd, lineEnd] = ends
  expect(shortEnd!.answer.text).toBe(STORY)
  expect(workers(shortEnd!.events)).toHaveLength(1)
  expect(longEnd!.answer).toMatchObject({ text: LONG, model: 'long-2' })
  expect(fieldsOf(longEnd!.events, 'generation.started', 'reason', 'model').at(-1)).toEqual(['takeover', 'long-2'])
  expect(workers(longEnd!.events)).toHaveLength(2)
  expect(pauseEnd!.answer.text).toBe('After the pause.')
  expect(holdingEnd!.answer.text).toBe('Full. Now there is room.')
  expect(lineEnd!.answer.text).toBe('Full. Now there is room.')
  await second.stop()
})

function workers(events: Parameters<typeof fieldsOf>[0]): unknown[] {
  return [...new Set(fieldsOf(events, 'generation.started', 'worker').flat())]
}
