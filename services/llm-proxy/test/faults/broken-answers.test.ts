import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Piece, Gate, halfFrame, hangUp, reports, reset, says, tells } from '../support/fault-server-acts.ts'
import { faults, shownText } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { type FaultyModel, FaultyModels, finished } from './support/faulty-models.ts'

const STORY = 'Once upon a time there was.'
const SAID = 'Once upon '

const nothingMore: Piece = () => undefined
const breaking: [how: string, code: string, ...pieces: Piece[]][] = [
  ['reset', 'provider_broken', reset],
  ['closed-without-an-end', 'provider_broken', hangUp],
  ['closed-in-a-frame', 'provider_broken', halfFrame, hangUp],
  ['stalled', 'provider_stalled', nothingMore],
  ['empty-frames-only', 'provider_stalled', sayingNothing],
  ['reported', 'provider_unavailable', reports('server_error'), hangUp],
]
/** Only where that is waited for: a busy machine stalls, too. */
const patienceFor = (code: string) => (code === 'provider_stalled' ? { stall_timeout_ms: 200 } : {})

const models = new FaultyModels()
const resumed = breaking.map(([how, code]) => models.add(`resumed-${how}`, patienceFor(code), {}))
const failedOver = breaking.map(([how, code]) =>
  models.add(`failed-over-${how}`, { ...patienceFor(code), attempts: 1 }, {}),
)
const claude = models.add('claude', { provider: 'anthropic', attempts: 1 }, { provider: 'anthropic' })
const acrossFormats = models.add('across-formats', { provider: 'anthropic', attempts: 1 }, {})
const relay = models.add('relay', { attempts: 1 }, { attempts: 1 }, {})
const restarting = models.add('restarting', { continue: 'restart', attempts: 2 })
const restartingElsewhere = models.add(
  'restarting-elsewhere',
  { continue: 'restart', attempts: 1 },
  { continue: 'restart' },
)
const passedOver = models.add('passed-over', { continue: 'restart' }, { continue: 'restart' }, {})
const ending = models.add('ending', { continue: 'end' })
const endingBefore = models.add('ending-before', { continue: 'end' }, { continue: 'restart' })
const notEnding = models.add('not-ending', { continue: 'end' }, {})
const crumbling = models.add('crumbling', { attempts: 2 })
const lost = models.add('lost', { attempts: 2 }, { attempts: 1 })

beforeAll(() => models.start())
afterAll(() => models.stop())

/** Breaks the first call of the first provider once its text is in the log, and waits for the end of the answer. */
async function breakOff(model: FaultyModel, ...pieces: Piece[]) {
  const gate = new Gate()
  model.providers[0]!.answers(says('Once ', 'upon ', gate.passed, ...pieces), tells(STORY))
  const conversation = await models.begin(model)
  await conversation.untilText(SAID.length)
  gate.open()
  const end = await finished(conversation)
  expect(faults(end.events)).toEqual([])
  return end
}

test.concurrent.each(breaking.map(([how, code, ...pieces], index) => ({ how, code, pieces, model: resumed[index]! })))(
  '$how: the text stays, and the same route goes on from it',
  async ({ code, pieces, model }) => {
    const [first, second] = model.providers
    const { answer, events } = await breakOff(model, ...pieces)
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      JSON.stringify(SAID),
      code,
      `retry ${model.alias}-1 ${SAID.length}`,
      '"a time there was."',
      'complete: stop',
    ])
    expect([answer.text, shownText(events)]).toEqual([STORY, STORY])
    expect(first.keptTexts).toEqual([null, SAID.trimEnd()])
    expect(second.calls).toEqual([])
    await first.calls[0]!.closed
  },
)

test.concurrent.each(
  breaking.map(([how, code, ...pieces], index) => ({ how, code, pieces, model: failedOver[index]! })),
)('$how, no attempt left: the next route goes on from the text', async ({ code, pieces, model }) => {
  const [first, second] = model.providers
  second.answers(tells(STORY))
  const { answer, events } = await breakOff(model, ...pieces)
  expect(courseOf(events)).toEqual([
    `first ${model.alias}-1 0`,
    JSON.stringify(SAID),
    code,
    `failover ${model.alias}-2 ${SAID.length}`,
    '"a time there was."',
    'complete: stop',
  ])
  expect([answer.text, answer.model]).toEqual([STORY, `${model.alias}-2`])
  expect(first.calls).toHaveLength(1)
  expect(second.keptTexts).toEqual([SAID.trimEnd()])
})

test.concurrent.each([claude, acrossFormats])(
  'an answer of Anthropic that breaks off goes on ($alias)',
  async (model) => {
    const [, second] = model.providers
    second.answers(tells(STORY))
    const { answer } = await breakOff(model, reset)
    expect([answer.status, answer.text]).toEqual(['complete', STORY])
    expect(second.keptTexts).toEqual([SAID.trimEnd()])
  },
)

test.concurrent('three providers, one after the other, write one answer', async () => {
  const [, second, third] = relay.providers
  const gate = new Gate()
  second.answers(says(' a time ', gate.passed, reset))
  third.answers(tells(STORY))
  relay.providers[0].answers(says('Once ', 'upon', gate.passed, reset))
  const conversation = await models.begin(relay)
  await conversation.untilText('Once upon'.length)
  gate.open()
  const { answer, events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  expect([answer.status, answer.text, shownText(events)]).toEqual(['complete', STORY, STORY])
  expect(answer.attempt).toBe(3)
  expect([second.keptTexts, third.keptTexts]).toEqual([['Once upon'], ['Once upon a time']])
})

test.concurrent('a route that says `restart` begins anew, and everybody is told', async () => {
  const [only] = restarting.providers
  const { answer, events } = await breakOff(restarting, reset)
  expect(courseOf(events)).toEqual([
    'first restarting-1 0',
    JSON.stringify(SAID),
    'provider_broken',
    'retry restarting-1 0',
    JSON.stringify(STORY),
    'complete: stop',
  ])
  expect([answer.text, shownText(events)]).toEqual([STORY, STORY])
  expect(only.keptTexts).toEqual([null, null])
})

test.concurrent('… on the next route where it has no attempt left', async () => {
  const [, second] = restartingElsewhere.providers
  second.answers(tells(STORY))
  const { answer, events } = await breakOff(restartingElsewhere, reset)
  expect(courseOf(events).slice(2)).toEqual([
    'provider_broken',
    'failover restarting-elsewhere-2 0',
    JSON.stringify(STORY),
    'complete: stop',
  ])
  expect(answer.text).toBe(STORY)
  expect(second.keptTexts).toEqual([null])
})

test.concurrent('routes that would begin anew are passed over for one that can go on', async () => {
  const [first, second, third] = passedOver.providers
  third.answers(tells(STORY))
  const { events } = await breakOff(passedOver, reset)
  expect(courseOf(events).slice(2)).toEqual([
    'provider_broken',
    `failover passed-over-3 ${SAID.length}`,
    '"a time there was."',
    'complete: stop',
  ])
  expect([first.calls.length, second.calls.length]).toEqual([1, 0])
})

test.concurrent.each([ending, endingBefore])(
  'a route that says `end` ends with what is there ($alias)',
  async (model) => {
    const { answer, events } = await breakOff(model, reset)
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      JSON.stringify(SAID),
      'provider_broken',
      'partial: provider_failed',
    ])
    expect(answer).toMatchObject({ status: 'partial', text: SAID, failures: [{ error: { code: 'provider_broken' } }] })
    expect(model.providers[0].calls).toHaveLength(1)
  },
)

test.concurrent('… but not where another can go on', async () => {
  const [, second] = notEnding.providers
  second.answers(tells(STORY))
  const { answer, events } = await breakOff(notEnding, reset)
  expect(courseOf(events).at(3)).toBe(`failover not-ending-2 ${SAID.length}`)
  expect(answer.text).toBe(STORY)
})

/** A provider that says one piece more with each call and then breaks off, and what becomes of that. */
async function crumbles(pieces: readonly string[]) {
  const [only] = crumbling.providers
  const conversation = models.conversation()
  let said = 0
  only.answers(async (call) => {
    await says(pieces[said++]!)(call)
    await conversation.untilText(pieces.slice(0, said).join('').length)
    if (said === pieces.length) await call.finish({ input: 1, output: 1 })
    else call.reset()
  })
  await conversation.ask(crumbling.alias)
  const { answer, events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  return { status: answer.status, text: shownText(events), attempts: answer.attempt }
}

test('attempts count from where the text was last brought on: a long answer may break off any number of times', async () => {
  const pieces = Array.from({ length: 8 }, (_, index) => `${index} ${'and so on '.repeat(25)}`)
  expect(await crumbles(pieces)).toEqual({ status: 'complete', text: pieces.join(''), attempts: 8 })
  // Each call costs the whole prompt: a word for each is not worth it.
  expect(await crumbles(STORY.match(/\S+\s*/g)!)).toMatchObject({ status: 'partial', attempts: 2 })
})

test.concurrent('an answer that nobody goes on with is closed with what there is, and lists every attempt', async () => {
  const [first, second] = lost.providers
  second.answers(says(reset))
  const gate = new Gate()
  first.answers(says(SAID, gate.passed, reset), says(reset))
  const conversation = await models.begin(lost)
  await conversation.untilText(SAID.length)
  gate.open()
  const { answer, events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'partial', reason: 'provider_failed', text: SAID })
  expect(answer.failures.map(({ model, error }) => [model, error.code])).toEqual([
    ['lost-1', 'provider_broken'],
    ['lost-1', 'provider_broken'],
    ['lost-2', 'provider_broken'],
  ])
})

/** Frames without a word, for as long as somebody listens. */
async function sayingNothing(call: Parameters<Exclude<Piece, string>>[0]): Promise<void> {
  for (;;) {
    await call.say('')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
