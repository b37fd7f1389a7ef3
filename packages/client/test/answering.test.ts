import { expect, test } from 'vitest'
import { AnswerNotTaken, isQuestion, QuestionAsked, Refused, Spool } from '../src/index.ts'
import {
  type Act,
  answers,
  fallsSilent,
  hangsUp,
  type Line,
  refuses,
  scriptedServer,
  streams,
} from './support/scripted-server.ts'

async function client(...acts: Act[]) {
  const server = await scriptedServer(...acts)
  const spool = new Spool({ url: server.url, key: 'k', backoff: { maxMs: 10 }, giveUpAfterMs: 300, silenceMs: 200 })
  return { ...server, spool, session: spool.session('s') }
}

const of = (seq: number, type: string, more: object = {}): Line => [seq, seq - 1, type, { run: 'r', ...more }]
const STARTED = of(1, 'run.started')
const QUESTION = of(2, 'confirmation.requested', { confirmation: 'c', prompt: 'Shall I?', hash: 'h' })
const ANSWER = [
  of(3, 'message.started', { message: 'm', purpose: 'answer' }),
  of(4, 'text.delta', { message: 'm', text: 'Done.' }),
  of(5, 'run.completed', { status: 'done' }),
]
const accepted = { session: 's', run: 'r', confirmation: 'c', action: 'confirm', status: 'accepted', cursor: '1-3' }

/** A server that knows what happened before. */
const tooLate: Act = (response) => {
  const happened = { action: 'cancel', by: 'bea', via: 'http', at: '2026-11-20T09:50:00.000Z' }
  response.writeHead(409, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ status: 409, code: 'confirmation_answered', detail: 'Too late.', ...happened }))
}

test('a question in the events is answered as it was shown, and the run goes on', async () => {
  const { session, received } = await client(streams(STARTED, QUESTION, ...ANSWER), answers(200, accepted))
  const run = await session.send('Go')
  for await (const event of run.events) {
    if (isQuestion(event)) expect(await session.confirm(event, { action: 'confirm', user: 'ada' })).toEqual(accepted)
  }
  expect(await run.text()).toBe('Done.')
  expect(received[1]).toMatchObject({ method: 'POST', path: '/v1/sessions/s/confirmations/c' })
  expect(JSON.parse(received[1]!.body)).toEqual({ hash: 'h', action: 'confirm', user: 'ada' })
})

test('an answer without a reply is repeated under the same key, another answer has another', async () => {
  const { session, received } = await client(
    hangsUp,
    refuses(503, 'unavailable'),
    answers(202, { ...accepted, status: 'pending', cursor: null }),
    answers(200, accepted),
    answers(200, accepted),
  )
  expect(await session.confirm('c', { action: 'confirm' })).toMatchObject({ status: 'pending' })
  await session.confirm('c', { action: 'confirm' })
  await session.confirm('c', { action: 'confirm', idempotencyKey: 'mine' })
  const keys = received.map(({ headers }) => headers['idempotency-key'])
  expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{16,128}$/)
  expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
  expect(keys[3]).not.toBe(keys[0])
  expect(keys[4]).toBe('mine')
  expect(JSON.parse(received[4]!.body)).toEqual({ action: 'confirm' })
})

test('whoever comes too late hears what happened', async () => {
  const { session } = await client(
    tooLate,
    refuses(409, 'confirmation_unknown'),
    refuses(400, 'confirmation_needs_text'),
  )
  const late = session.confirm('c', { action: 'confirm' })
  await expect(late).rejects.toThrow(AnswerNotTaken)
  await expect(late).rejects.toMatchObject({
    code: 'confirmation_answered',
    status: 409,
    happened: { action: 'cancel', by: 'bea', via: 'http', at: '2026-11-20T09:50:00.000Z' },
  })
  await expect(session.confirm('x', { action: 'confirm' })).rejects.toMatchObject({ happened: undefined })
  const wrong = session.confirm('c', { action: 'modify' })
  await expect(wrong).rejects.toThrow(Refused)
  await expect(wrong).rejects.not.toThrow(AnswerNotTaken)
})

test('whoever only wants the text says how to answer; that somebody else was faster is no error', async () => {
  const again = of(3, 'confirmation.requested', { confirmation: 'd', prompt: 'And now?', hash: 'i' })
  const { session, received } = await client(
    streams(STARTED, QUESTION, again, ...ANSWER.map(([seq, , type, more]): Line => [seq + 1, seq, type, more])),
    answers(200, accepted),
    tooLate,
  )
  const run = await session.send('Go')
  const asked: string[] = []
  const text = await run.text({
    onQuestion: async ({ prompt }) => {
      asked.push(prompt)
      return asked.length === 1 ? { action: 'modify', message: 'less' } : { action: 'confirm' }
    },
  })
  expect([text, asked]).toEqual(['Done.', ['Shall I?', 'And now?']])
  expect(received.slice(1).map(({ body }) => JSON.parse(body) as object)).toEqual([
    { hash: 'h', action: 'modify', message: 'less' },
    { hash: 'i', action: 'confirm' },
  ])
})

test('a question may be left to somebody else, and what is wrong with an answer is told', async () => {
  const left = await client(streams(STARTED, QUESTION, ...ANSWER))
  expect(await (await left.session.send('Go')).text({ onQuestion: () => undefined })).toBe('Done.')
  const wrong = await client(streams(STARTED, QUESTION, ...ANSWER), refuses(400, 'confirmation_needs_text'))
  const failing = (await wrong.session.send('Go')).text({ onQuestion: () => ({ action: 'modify' }) })
  await expect(failing).rejects.toMatchObject({ code: 'confirmation_needs_text' })
})

test('without somebody to ask a question is thrown at once; once it is answered the text can be asked for again', async () => {
  const { session, received } = await client(
    streams(STARTED, QUESTION, ...ANSWER),
    answers(200, { confirmations: [{ id: 'other', resolution: {} }], cursor: '1-2' }),
    answers(200, accepted),
  )
  const run = await session.send('Go')
  const asked = await run.text().catch((error: unknown) => error)
  expect(asked).toBeInstanceOf(QuestionAsked)
  const { question } = asked as QuestionAsked
  expect(question).toMatchObject({ confirmation: 'c', prompt: 'Shall I?', hash: 'h' })
  await session.confirm(question, { action: 'confirm' })
  expect(await run.text()).toBe('Done.')
  expect(received[1]).toMatchObject({ method: 'GET', path: '/v1/sessions/s/confirmations' })
})

test('a question that was answered before this program was started again is none', async () => {
  const { session } = await client(
    streams(STARTED, QUESTION, ...ANSWER),
    answers(200, { confirmations: [{ id: 'c', resolution: { action: 'confirm' } }], cursor: '1-5' }),
  )
  const run = await session.send('Go', { idempotencyKey: 'job-1' })
  expect(await run.outcome()).toEqual({ status: 'done', text: 'Done.' })
})

test('the text is there when the run is over; the memory follows in the events', async () => {
  const started = of(1, 'run.started', { memory: 'on' })
  const lines = ANSWER.map(([seq, , type, more]): Line => [seq - 1, seq - 2, type, more])
  const { session } = await client(
    fallsSilent(started, ...lines),
    streams(of(5, 'memory.updated', { count: 1, memories: [{ id: 'x', text: 'Likes tea.' }] })),
  )
  const run = await session.send('I like tea')
  expect(await run.text()).toBe('Done.')
  const types: string[] = []
  // The server says nothing for too long: the client comes back.
  for await (const event of run.events) types.push(event.type)
  expect(types).toEqual(['memory.updated'])
  expect(await run.text()).toBe('Done.')
})
