import { newId, runOf } from '@spool/events'
import type { ConfirmRequest } from '@spool/log'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

function asked(more: { timeout_seconds?: number } = {}): PlayedSession {
  const played = new PlayedSession()
  played.start('r1', { agent: 'plans', confirmation: more })
  played.propose({ description: 'Look around', tool: 'look', input: {} })
  return played
}

function resolution(played: PlayedSession) {
  return played.state.questions.at(-1)?.resolution
}

describe('a question', () => {
  test('that is cancelled ends its run, and nothing is done', () => {
    const played = asked()
    played.confirm('cancel')
    expect(played.types().slice(-3)).toEqual(['confirmation.resolved', 'run.cancel_requested', 'run.cancelled'])
    expect(resolution(played)).toMatchObject({ action: 'cancel', by: 'ada', via: 'http' })
    expect(runOf(played.state, 'r1')?.cancelled).toEqual({ by: 'ada', reason: 'confirmation_cancelled' })
    expect(played.types()).not.toContain('tool.called')
  })

  test('that nobody answers in time is cancelled then, and not before', () => {
    const played = asked({ timeout_seconds: 60 })
    played.nowMs += 59_999
    expect(played.work().kind).toBe('nothing')
    expect(played.state.phase).toBe('awaiting_confirmation')
    played.nowMs += 1
    played.work()
    expect(resolution(played)).toMatchObject({ action: 'timeout', by: 'spool', via: 'deadline' })
    expect(runOf(played.state, 'r1')?.cancelled).toEqual({ by: 'spool', reason: 'confirmation_timeout' })
  })

  test('is answered once: the others hear who did, what and when', () => {
    const played = asked()
    const confirmation = played.state.question!.id
    played.confirm('confirm')
    const before = played.events.length
    expect(played.confirm('cancel', { confirmation, by: 'bob' })).toMatchObject({
      refusal: { status: 409, code: 'confirmation_answered', members: { action: 'confirm', by: 'ada', via: 'http' } },
    })
    expect(played.events.length).toBe(before)
  })

  test('tells the same request again that it was taken', () => {
    const played = asked()
    const more = { confirmation: played.state.question!.id, request: 'key-1' }
    played.confirm('confirm', more)
    const before = played.events.length
    expect(played.confirm('confirm', more).kind).toBe('nothing')
    expect(played.events.length).toBe(before)
  })

  test('takes no answer after its time, also where nobody has noticed yet', () => {
    const played = asked({ timeout_seconds: 60 })
    const confirmation = played.state.question!.id
    played.nowMs += 60_000
    expect(played.confirm('confirm', { confirmation })).toMatchObject({
      refusal: { status: 409, code: 'confirmation_timed_out', members: { action: 'timeout' } },
    })
    played.work()
    expect(runOf(played.state, 'r1')?.status).toBe('cancelled')
    expect(played.types()).not.toContain('tool.called')
  })

  test('that was never asked is told so', () => {
    const played = asked()
    expect(played.confirm('confirm', { confirmation: 'other' })).toMatchObject({
      refusal: { status: 409, code: 'confirmation_unknown' },
    })
    expect(new PlayedSession().confirm('confirm', { confirmation: 'other' })).toMatchObject({
      refusal: { status: 404, code: 'session_not_found' },
    })
  })

  test('is bound to what was shown', () => {
    const played = asked()
    expect(played.confirm('confirm', { hash: 'another' })).toMatchObject({
      refusal: { status: 409, code: 'confirmation_changed' },
    })
    expect(played.state.question).not.toBeNull()
    played.confirm('confirm', { hash: played.state.question!.hash })
    expect(played.state.calls).toHaveLength(1)
  })

  test('of a plan is changed in words only, that of a tool also in its arguments where they fit', () => {
    const played = asked()
    expect(played.confirm('modify')).toMatchObject({ refusal: { status: 400, code: 'confirmation_needs_text' } })
    expect(played.confirm('modify', { message: 'x', input: {} })).toMatchObject({ refusal: { status: 400 } })
    const other = new PlayedSession()
    other.start('r1', { agent: 'asks' })
    other.answer('', { name: 'send', input: {} })
    expect(other.confirm('modify', { input: { wrong: 1 } })).toMatchObject({
      refusal: { status: 400, code: 'confirmation_input' },
    })
    expect(other.state.question).not.toBeNull()
  })

  test('is taken back when its run is cancelled, and then takes no answer', () => {
    const played = asked()
    const confirmation = played.state.question!.id
    played.cancel('r1')
    expect(resolution(played)).toMatchObject({ action: 'cancel', via: 'run.cancel' })
    expect(runOf(played.state, 'r1')?.status).toBe('cancelled')
    expect(played.confirm('confirm', { confirmation })).toMatchObject({
      refusal: { status: 409, code: 'confirmation_run_ended' },
    })
  })
})

test('arguments that a person writes anew are taken however long those were that the model wanted', () => {
  const played = new PlayedSession()
  played.start('r1', { agent: 'asks' })
  const before = { text: 'x'.repeat(220 * 1024) }
  played.answer('', { name: 'send', input: before })
  played.confirm('modify', { input: { text: 'y'.repeat(60 * 1024) } })
  expect(played.state.questions[0]?.tasks[0]?.input).toEqual(before)
  expect(played.state.calls).toMatchObject([{ name: 'send', input: { text: 'y'.repeat(60 * 1024) } }])
})

function answer(played: PlayedSession, action: ConfirmRequest['action'], more: Partial<ConfirmRequest> = {}) {
  return played.step({ kind: 'confirm', request: { request: newId(), action, by: 'ada', via: 'chat', ...more } })
}

describe('an answer that names no question', () => {
  test('is to whatever waits, and to nothing where nothing does', () => {
    const played = asked()
    answer(played, 'confirm')
    expect(resolution(played)).toMatchObject({ action: 'confirm', by: 'ada' })
    played.workTools()
    expect(answer(played, 'confirm')).toMatchObject({ refusal: { status: 409, code: 'confirmation_unknown' } })
  })

  test('of several at once exactly one is taken, also where what it leads to is the next question', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks' })
    played.answer('', { name: 'send', input: { to: 'Ada' } }, { name: 'send', input: { to: 'Bob' } })
    const up_to = played.state.seq
    answer(played, 'confirm', { up_to })
    expect(played.state.question).toMatchObject({ tasks: [{ input: { to: 'Bob' } }] })
    expect(answer(played, 'confirm', { up_to })).toMatchObject({
      refusal: { code: 'confirmation_unknown' },
    })
    expect(played.state.question).not.toBeNull()
    expect(played.state.calls).toHaveLength(1)
    answer(played, 'confirm', { up_to: played.state.seq })
    expect(played.state.calls).toHaveLength(2)
  })

  test('that is given out again answers nothing else', () => {
    const played = asked()
    const more = { request: 'again', message: 'shorter' }
    answer(played, 'modify', more)
    played.propose({ description: 'Look less', tool: 'look', input: {} })
    const before = played.events.length
    expect(answer(played, 'modify', more).kind).toBe('nothing')
    expect(played.events.length).toBe(before)
    expect(played.state.question).toMatchObject({ round: 2, resolution: null })
  })
})
