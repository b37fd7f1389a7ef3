import { newId } from '@spool/events'
import type { ConfirmRequest, Reply, SessionRef } from '@spool/log'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { call, startRun, type CallOptions } from './support/http.ts'
import { questionOf } from './support/question.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())
afterEach(() => {
  system.orchestrator.afterwards = null
})

const refused = ({ action, by, via }: ConfirmRequest): Reply => ({
  ok: false,
  status: 409,
  code: 'confirmation_answered',
  message: 'Somebody has answered before.',
  members: { action, by, via, at: '2026-11-20T09:50:00.000Z' },
})

/** A run that has asked, and an orchestrator that takes the first answer and tells every other what happened. */
async function asking() {
  const session = newId()
  const confirmation = newId()
  let taken: { request: ConfirmRequest; reply: Promise<Reply> } | null = null
  system.orchestrator.afterwards = async (ref, run) => {
    await system.orchestrator.append(ref, 'confirmation.requested', questionOf(run, confirmation))
  }
  system.orchestrator.confirm = async (request, ref) => {
    if (taken?.request.request === request.request) return taken.reply
    if (taken !== null) return refused(taken.request)
    taken = { request, reply: accepted(ref, request) }
    return taken.reply
  }
  const stream = await startRun(system.url, session, { message: 'Go' })
  await stream.untilType('confirmation.requested')
  const run = stream.headers['x-spool-run'] as string
  const accepted = async (ref: SessionRef, { action, by, via, request }: ConfirmRequest): Promise<Reply> => {
    const fields = { run, confirmation, action, by, via, request }
    const seq = await system.orchestrator.append(ref, 'confirmation.resolved', fields)
    return { ok: true, run, seq, epoch: system.log.epochOf(ref), first: 1, status: 'active' }
  }
  const path = `/v1/sessions/${session}/confirmations/${confirmation}`
  const answer = (body: object, more: CallOptions = {}) => call(system.url, path, { ...more, body })
  return { session, confirmation, run, stream, answer }
}

const key = (value: string): CallOptions => ({ headers: { 'idempotency-key': value } })
const confirmsOf = (confirmation: string) =>
  system.orchestrator.confirms.filter((request) => request.confirmation === confirmation)

test('an answer is accepted when it is in the log, and says where', async () => {
  const { session, confirmation, run, stream, answer } = await asking()
  const { status, json, headers } = await answer({ action: 'confirm', user: 'ada', hash: 'h' })
  expect(status).toBe(200)
  await stream.untilType('confirmation.resolved')
  const cursor = stream.frames.find((frame) => frame.event === 'confirmation.resolved')!.id
  expect(json).toEqual({ session, run, confirmation, action: 'confirm', status: 'accepted', cursor })
  expect(headers).toMatchObject({ 'x-spool-session': session, 'x-spool-run': run })
  expect(confirmsOf(confirmation)).toMatchObject([{ action: 'confirm', by: 'ada', via: 'http', hash: 'h' }])
  const listed = await call(system.url, `/v1/sessions/${session}/confirmations`)
  expect(listed.json['confirmations']).toMatchObject([
    { id: confirmation, resolution: { action: 'confirm', by: 'ada' } },
  ])
  stream.cut()
})

test('of two answers one wins, and the other hears what happened', async () => {
  const { stream, answer } = await asking()
  const answers = await Promise.all([answer({ action: 'confirm', user: 'a' }), answer({ action: 'cancel', user: 'b' })])
  const [won, lost] = answers.toSorted((one, other) => one.status - other.status)
  expect([won!.status, lost!.status]).toEqual([200, 409])
  expect(lost!.json).toMatchObject({
    code: 'confirmation_answered',
    detail: 'Somebody has answered before.',
    action: won!.json['action'],
    by: won!.json['action'] === 'confirm' ? 'a' : 'b',
    via: 'http',
    at: '2026-11-20T09:50:00.000Z',
  })
  stream.cut()
})

test('an answer that is sent twice under one key, also at once, is told the same each time', async () => {
  const { stream, confirmation, answer } = await asking()
  const body = { action: 'modify', message: 'less' }
  const first = await Promise.all([answer(body, key('k')), answer(body, key('k'))])
  const again = await answer(body, key('k'))
  for (const { status, json } of [...first, again]) expect([status, json]).toEqual([200, first[0]!.json])
  expect(new Set(confirmsOf(confirmation).map(({ request }) => request)).size).toBe(1)
  const other = await answer({ action: 'cancel' }, key('k'))
  expect([other.status, other.json]).toEqual([409, expect.objectContaining({ action: 'modify' })])
  stream.cut()
})

test('an answer that nobody could take up yet is safe, and says so', async () => {
  const { confirmation, session, answer, stream } = await asking()
  await system.orchestrator.stop()
  const { status, json } = await answer({ action: 'confirm' })
  expect(status).toBe(202)
  expect(json).toEqual({ session, confirmation, action: 'confirm', status: 'pending', cursor: null })
  await system.orchestrator.start()
  await stream.untilType('confirmation.resolved')
  stream.cut()
})

const BAD: [name: string, status: number, code: string, options: CallOptions][] = [
  ['no action', 400, 'invalid_body', { body: {} }],
  ['an unknown action', 400, 'invalid_body', { body: { action: 'timeout' } }],
  ['an unknown field', 400, 'invalid_body', { body: { action: 'confirm', text: 'x' } }],
  ['an empty user', 400, 'invalid_body', { body: { action: 'confirm', user: '' } }],
  ['modify with nothing', 400, 'confirmation_needs_text', { body: { action: 'modify' } }],
  ['modify with white space', 400, 'confirmation_needs_text', { body: { action: 'modify', message: ' \n' } }],
  ['arguments to confirm', 400, 'confirmation_input', { body: { action: 'confirm', input: {} } }],
  ['a message beyond 32 KiB', 413, 'message_too_large', { body: { action: 'modify', message: 'é'.repeat(16_385) } }],
  ['arguments beyond 64 KiB', 413, 'input_too_large', { body: { action: 'modify', input: 'x'.repeat(65_536) } }],
  ['a key with a dot', 400, 'invalid_idempotency_key', { body: { action: 'confirm' }, ...key('a.b') }],
]

test.each(BAD)('an answer with %s is refused', async (_, status, code, options) => {
  const answer = await call(system.url, '/v1/sessions/s/confirmations/bad', options)
  expect([answer.status, answer.json['code']]).toEqual([status, code])
  expect(confirmsOf('bad')).toEqual([])
})
