import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Piece,
  answers,
  brokenJson,
  halfFrame,
  hangUp,
  line,
  refusesAtLength,
  reset,
  says,
  splitsCharacter,
  finish,
  tells,
} from '../support/fault-server-acts.ts'
import type { FaultServer } from '../support/fault-server.ts'
import { until } from '../support/until.ts'
import { faults } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels, finished } from './support/faulty-models.ts'

const STORY = 'Once upon a time there was.'
const MIB = 1024 ** 2

const webPage: Piece = (call) => call.send('<html><body>Welcome to the hotel network</body></html>\n\n')
const otherJson: Piece = (call) => call.send('data: {"weather": "fine"}\n\n')
const garbage: [what: string, ...pieces: Piece[]][] = [
  ['broken JSON', brokenJson],
  ['JSON of another kind', otherJson],
  ['a web page', webPage, hangUp],
  ['half a frame and a reset', halfFrame, reset],
  ['half a frame and an end in order', halfFrame, hangUp],
  ['an end without the end of the answer', hangUp],
  ['a line of 10 MB', line(10 * MIB)],
]

const models = new FaultyModels()
const beginnings = garbage.map((_, index) => models.add(`beginning-${index}`, { attempts: 1 }, {}))
const middles = garbage.map((_, index) => models.add(`middle-${index}`, { attempts: 1 }, {}))
const anthropicMiddles = garbage.map((_, index) =>
  models.add(`anthropic-${index}`, { provider: 'anthropic', attempts: 1 }, {}),
)
const longLine = models.add('long-line', { attempts: 1 }, {})
const longLineOfClaude = models.add('long-line-of-claude', { provider: 'anthropic', attempts: 1 }, {})
const longError = models.add('long-error', { attempts: 1, first_token_timeout_ms: 2_000 }, {})
const tricklingError = models.add('trickling-error', { attempts: 1, first_token_timeout_ms: 400 }, {})
const tricklingAnswer = models.add('trickling-answer', { first_token_timeout_ms: 300, stall_timeout_ms: 300 })
const split = models.add('split', {})
const splitClaude = models.add('split-claude', { provider: 'anthropic' })

beforeAll(() => models.start())
afterAll(() => models.stop())

const cases = (of: typeof middles) => garbage.map(([what, ...pieces], index) => ({ what, pieces, model: of[index]! }))

/** The text names a provider and says what happened; nothing of what came stands in it. */
function expectClear(text: string): void {
  expect(text).toMatch(/^[^\n]{20,300}\.$/)
  expect(text).not.toMatch(/weather|hotel|never whole|"ha|xxx|chatcmpl|\bat /)
}

test.concurrent.each(cases(beginnings))(
  '$what instead of an answer: a clear error, and the next route is asked',
  async ({ pieces, model }) => {
    const [first, second] = model.providers
    first.answers(says(...pieces))
    second.answers(tells(STORY))
    const { answer, events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      'provider_broken',
      `failover ${model.alias}-2 0`,
      JSON.stringify(STORY),
      'complete: stop',
    ])
    expectClear(answer.failures[0]!.error.message)
    await first.calls[0]!.closed
  },
)

test.concurrent.each([...cases(middles), ...cases(anthropicMiddles)])(
  '$what in mid-answer ($model.alias): a clear error, and the text is gone on with',
  async ({ pieces, model }) => {
    const [first, second] = model.providers
    second.answers(tells(STORY))
    const conversation = models.conversation()
    first.answers(says('Once ', 'upon', () => conversation.untilText('Once upon'.length), ...pieces))
    await conversation.ask(model.alias)
    const { answer, events } = await finished(conversation)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      '"Once upon"',
      'provider_broken',
      `failover ${model.alias}-2 9`,
      '" a time there was."',
      'complete: stop',
    ])
    expectClear(answer.failures[0]!.error.message)
    await first.calls[0]!.closed
  },
)

test.concurrent.each([split, splitClaude])(
  'a character that is split over two chunks is whole in the text ($alias)',
  async (model) => {
    const [server] = model.providers
    server.answers(says('It is ', splitsCharacter('🧵'), splitsCharacter('é.'), finish()))
    expect((await models.ask(model)).answer).toMatchObject({ status: 'complete', text: 'It is 🧵é.' })
  },
)

test.for([longLine, longLineOfClaude])('a line without an end is not read on ($alias)', async (model, { annotate }) => {
  const [first, second] = model.providers
  first.answers(says('Once ', line(256 * MIB)))
  second.answers(tells(STORY))
  const { most, result } = await whileMeasuring(() => models.ask(model))
  expect(result.answer).toMatchObject({ status: 'complete', text: STORY })
  expect(await closingOf(first)).toBe('caller')
  await annotate(`${inMib(first.calls[0]!.bytesSent)} of it left the provider; memory grew by ${inMib(most)}`)
  expect(first.calls[0]!.bytesSent).toBeLessThan(32 * MIB)
  expect(most).toBeLessThan(64 * MIB)
})

test('an error of a gigabyte is not read to its end', async ({ annotate }) => {
  const [first, second] = longError.providers
  first.answers(refusesAtLength(500, 1024 * MIB))
  second.answers(answers('Here.'))
  const { most, result } = await whileMeasuring(() => models.ask(longError))
  expect(courseOf(result.events)).toEqual([
    'first long-error-1 0',
    'provider_unavailable',
    'failover long-error-2 0',
    '"Here."',
    'complete: stop',
  ])
  expect(await closingOf(first)).toBe('caller')
  await annotate(`${inMib(first.calls[0]!.bytesSent)} of it left the provider; memory grew by ${inMib(most)}`)
  expect(first.calls[0]!.bytesSent).toBeLessThan(32 * MIB)
  expect(most).toBeLessThan(64 * MIB)
})

test('an error that trickles in for ever is given up when the first token is late', async () => {
  const [first, second] = tricklingError.providers
  first.answers(async (call) => {
    await call.begin(503, 'application/json')
    for (;;) {
      await call.send(' ')
      await sleep(20)
    }
  })
  second.answers(answers('Here.'))
  const { events } = await models.ask(tricklingError)
  expect(courseOf(events)).toEqual([
    'first trickling-error-1 0',
    expect.stringMatching(/^provider_(timed_out|unavailable)$/),
    'failover trickling-error-2 0',
    '"Here."',
    'complete: stop',
  ])
  expect(await closingOf(first)).toBe('caller')
})

test('an answer that trickles in, always a little faster than a stall, is taken as it comes', async () => {
  const [server] = tricklingAnswer.providers
  server.answers(tells(STORY, { wordMs: 150 }))
  const { answer } = await models.ask(tricklingAnswer)
  expect(answer).toMatchObject({ status: 'complete', text: STORY, attempt: 1 })
})

async function closingOf(server: FaultServer): Promise<string> {
  await until('the connection is closed', () => server.calls[0]!.closing !== null)
  return server.calls[0]!.closing!.by
}

/** By how many bytes the memory of this process, which is also that of the proxy and of the provider, grew at most. */
async function whileMeasuring<Result>(work: () => Promise<Result>): Promise<{ most: number; result: Result }> {
  const before = memoryInUse()
  let most = 0
  const timer = setInterval(() => (most = Math.max(most, memoryInUse() - before)), 5)
  try {
    return { result: await work(), most }
  } finally {
    clearInterval(timer)
  }
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const inMib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`
