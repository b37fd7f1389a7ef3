import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Piece, Gate, answers, refusesToContinue, reset, says, tells } from '../support/fault-server-acts.ts'
import { faults, shownText } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { type FaultyModel, FaultyModels, finished } from './support/faulty-models.ts'

const STORY = 'Once upon a time there was.'

const models = new FaultyModels()
const refusing = models.add('refusing', {})
const refusingClaude = models.add('refusing-claude', { provider: 'anthropic' })
const refusingOnce = models.add('refusing-once', { attempts: 2 })
const replaced = models.add('replaced', {}, {})
const repeating = models.add('repeating', { repeats: true })
const blank = models.add('blank', {})
const plain = models.add('plain', {})
const cutAtOnce = models.add('cut-at-once', {}, { continue: 'restart' })
beforeAll(() => models.start())
afterAll(() => models.stop())

/** The first text is in the log when its connection breaks. */
async function broken(model: FaultyModel, said: string, ...then: Parameters<FaultyModel['providers'][0]['answers']>) {
  const gate = new Gate()
  const [first] = model.providers
  first!.answers(says(said, gate.passed, reset), ...then)
  const conversation = await models.begin(model)
  await conversation.untilText(said.length)
  gate.open()
  const end = await finished(conversation)
  expect(faults(end.events)).toEqual([])
  return end
}

test.concurrent.each([refusing, refusingClaude])(
  'a route that answers 400 to a continuation begins anew, and is not asked to continue again ($alias)',
  async (model) => {
    const [server] = model.providers
    const begun = await broken(model, 'Once ', refusesToContinue(tells(STORY)))
    expect(courseOf(begun.events)).toEqual([
      `first ${model.alias}-1 0`,
      '"Once "',
      'provider_broken',
      `retry ${model.alias}-1 5`,
      'provider_bad_request',
      `retry ${model.alias}-1 0`,
      JSON.stringify(STORY),
      'complete: stop',
    ])
    expect(shownText(begun.events)).toBe(STORY)
    const next = await broken(model, 'Once ', refusesToContinue(tells(STORY)))
    expect(courseOf(next.events)).toEqual([
      `first ${model.alias}-1 0`,
      '"Once "',
      'provider_broken',
      `retry ${model.alias}-1 0`,
      JSON.stringify(STORY),
      'complete: stop',
    ])
    expect(server.keptTexts).toEqual([null, 'Once', null, null, null])
  },
)

test.concurrent('the refused continuation is not one of the attempts', async () => {
  const { answer } = await broken(refusingOnce, 'Once ', refusesToContinue(tells(STORY)))
  expect([answer.status, answer.text, answer.attempt]).toEqual(['complete', STORY, 3])
})

test.concurrent('where another route can go on, the text that the first one refused is kept there', async () => {
  const [, second] = replaced.providers
  second.answers(tells(STORY))
  const { events } = await broken(replaced, 'Once ', refusesToContinue(tells(STORY)))
  expect(courseOf(events).slice(2)).toEqual([
    'provider_broken',
    'retry replaced-1 5',
    'provider_bad_request',
    'failover replaced-2 5',
    '"upon a time there was."',
    'complete: stop',
  ])
})

const repetitions: [what: string, ...pieces: string[]][] = [
  ['nothing', 'a time ', 'there was.'],
  ['the last word', 'upon a time ', 'there was.'],
  ['the last word, in pieces', 'up', 'on', ' a time ', 'there was.'],
  ['everything', 'Once upon ', 'a time there was.'],
  ['everything at once', STORY],
]

test.for(repetitions)('a route flagged as repeating that repeats %s: it is said once', async ([, ...pieces]) => {
  const { answer, events } = await broken(repeating, 'Once upon ', answers(...pieces))
  expect([answer.text, shownText(events)]).toEqual([STORY, STORY])
})

const verbatim: [first: string, then: Piece[], whole: string][] = [
  ['ha', ['ha ha'], 'haha ha'],
  ['ha ', ['ha', ' ha'], 'ha ha ha'],
  ['Once upon', [' upon a time'], 'Once upon upon a time'],
]

test.for(verbatim)('a route that is not flagged is taken at its word: %j and then %j', async ([first, then, whole]) => {
  const { answer, events } = await broken(plain, first, answers(...(then as string[])))
  expect([answer.text, shownText(events)]).toEqual([whole, whole])
})

test('a text of nothing but white space is no beginning to go on from', async () => {
  const { answer } = await broken(blank, '\n\n', answers('\n', '\nOnce.'))
  expect([answer.status, answer.text]).toEqual(['complete', '\n\nOnce.'])
  expect(blank.providers[0].keptTexts).toEqual([null, null])
})

test.concurrent('where many answers are cut at the same moment none of them loses its text', async () => {
  const [server, other] = cutAtOnce.providers
  other.answers(answers('Anew.'))
  const gate = new Gate()
  const cuts = Array.from({ length: 8 }, () => says('Once ', gate.passed, reset))
  server.answers(...cuts, tells(STORY))
  const conversations = await Promise.all(cuts.map(() => models.begin(cutAtOnce)))
  for (const conversation of conversations) await conversation.untilText('Once '.length)
  gate.open()
  const ends = await Promise.all(conversations.map(finished))
  expect(ends.map(({ answer }) => answer.text)).toEqual(cuts.map(() => STORY))
  expect(other.calls).toEqual([])
})
