import { expect, test } from 'vitest'
import {
  allows,
  cutHistory,
  draft,
  emptySession,
  encodeEvent,
  fold,
  isOnlyHistory,
  isOpenMessage,
  messageOf,
  nextOfHistory,
  originalOf,
  prompt,
  type KnownEvent,
  type PastMessage,
  type SessionState,
} from '../index.ts'

const at = new Date('2026-11-20T10:00:00.000Z')
const run = 'r1'
const input = 'asks'

const long = '文字🙂\u0001'.repeat(60_000)
const history: PastMessage[] = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', text: 'What is a spool?' },
  { role: 'assistant', text: long },
  { role: 'user', text: 'Thanks.' },
]

function append(state: SessionState, event: KnownEvent): SessionState {
  expect(allows(state, event), event.type).toBeNull()
  encodeEvent(event)
  return fold(state, { seq: state.seq + 3, event })
}

const begun = append(emptySession(), draft('run.started', { run, kind: 'agent', input }, at))

function states(): SessionState[] {
  const all = [begun]
  for (let next; (next = nextOfHistory(history, all.at(-1)!, input)) !== null;) {
    all.push(append(all.at(-1)!, draft('message.added', next, at)))
  }
  return all
}

test('what was said elsewhere is there in its order, each text whole, however long it is', () => {
  const all = states()
  expect(all.length, 'a long one takes several events').toBeGreaterThan(6)
  const { messages, phase } = all.at(-1)!
  expect(messages.map(({ id, run: of, role, text, status }) => ({ id, of, role, text, status }))).toEqual(
    history.map(({ role, text }, index) => ({ id: `asks-${index + 1}`, of: null, role, text, status: 'complete' })),
  )
  expect(phase).toBe('idle')
  expect(all.every((state) => isOnlyHistory(state, input))).toBe(true)
})

test('the model is sent it before the message that comes after it', () => {
  const asked = [
    draft('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text: 'And now?' }] }, at),
    draft('message.requested', { run, message: 'm1', purpose: 'answer', model: 'm', instructions: 'Be kind.' }, at),
  ].reduce(append, states().at(-1)!)
  expect(prompt(asked, 'm1')).toEqual([
    { role: 'system', content: 'Be kind.\n\nBe brief.' },
    { role: 'user', content: [{ type: 'text', text: 'What is a spool?' }] },
    { role: 'assistant', content: [{ type: 'text', text: long }] },
    { role: 'user', content: [{ type: 'text', text: 'Thanks.' }] },
    { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
  ])
  expect(isOnlyHistory(fold(emptySession(), { seq: 1, event: draft('message.added', anything, at) }), input)).toBe(
    false,
  )
  const copy = originalOf(asked, { reason: 'forked', by: 'spool', at })
  expect(copy.messages.slice(0, 4).map(({ text }) => text)).toEqual(history.map(({ text }) => text))
})

const anything = { message: 'asks-again', role: 'user' as const, parts: [] }

test('nothing comes in between any more once the message is there, and nothing of a history stays open', () => {
  const after = append(begun, draft('message.added', { run, message: input, role: 'user', parts: [] }, at))
  expect(allows(after, draft('message.added', anything, at))).toContain('is active')
  for (const state of states()) {
    const cut = cutHistory(state)
    expect(cut === null).toBe(!state.messages.some(isOpenMessage))
    if (cut === null) continue
    const closed = append(state, draft('message.added', cut, at))
    expect(closed.messages.some(isOpenMessage)).toBe(false)
    expect(messageOf(closed, 'asks-3')).toMatchObject({ status: 'partial', reason: 'server_crashed' })
  }
})
