import { expect, test } from 'vitest'
import { type ConversationPlan, conversationPlan } from './conversation-plan.ts'

const plans = (seed: number) => Array.from({ length: 400 }, (_, index) => conversationPlan(seed, index))
const runsIn = ({ turns }: ConversationPlan) => turns.flatMap(({ runs }) => runs)

test('the seed says all that happens in a conversation, whatever happened in others', () => {
  expect(plans(7)).toEqual(plans(7))
  expect(conversationPlan(7, 123)).toEqual(plans(7)[123])
  expect(plans(8)).not.toEqual(plans(7))
})

test('conversations are of all kinds', () => {
  const all = plans(7)
  const turns = all.flatMap((plan) => plan.turns)
  const runs = all.flatMap(runsIn)
  expect(new Set(runs.map(({ way }) => way))).toEqual(
    new Set(['request', 'stream', 'dialect chat', 'dialect confirmation', 'dialect planner', 'dialect agent']),
  )
  expect(new Set(turns.flatMap(({ watchers }) => watchers.map(({ kind }) => kind)))).toEqual(
    new Set(['session', 'web-socket', 'slow', 'cutting']),
  )
  const kinds = new Set(runs.map(({ plot }) => plot.kind.split(',')[0]))
  expect(kinds).toEqual(
    new Set(['talk', 'talk outside', 'emoji', 'echo', 'flood', 'help', 'plan', 'call', 'ask', 'remember']),
  )
  expect(runs.some(({ plot }) => plot.body['when_busy'] === 'interrupt')).toBe(true)
  expect(runs.some(({ plot }) => plot.cancelAfterMs !== null)).toBe(true)
  expect(turns.some(({ producer }) => producer !== undefined)).toBe(true)
  expect(turns.some(({ fork }) => fork !== undefined)).toBe(true)
})

test('every session has somebody who watches all of it', () => {
  const forks = plans(7).flatMap(({ turns }) =>
    turns.flatMap(({ fork }) => (fork === undefined ? [] : [fork.conversation])),
  )
  for (const { turns } of [...plans(7), ...forks]) {
    expect(turns[0]!.watchers.filter(({ isLate }) => !isLate).length).toBeGreaterThan(0)
  }
})
