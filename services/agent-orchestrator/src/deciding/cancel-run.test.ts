import { draft, runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

describe('a cancel', () => {
  test('before anybody streams closes the message at once', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.cancel('r1')
    expect(played.types().slice(-3)).toEqual(['run.cancel_requested', 'message.completed', 'run.cancelled'])
  })

  test('gives the one who streams half a second to close the message, then closes it', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('hi')
    played.cancel('r1')
    expect(played.types().at(-1)).toBe('run.cancel_requested')
    played.nowMs += 499
    expect(played.work().kind).toBe('nothing')
    played.nowMs += 1
    played.work()
    expect(played.types().slice(-2)).toEqual(['message.completed', 'run.cancelled'])
    expect(played.state.messages[1]).toMatchObject({ status: 'partial', reason: 'cancelled', text: 'hi' })
  })

  test('again changes nothing; of a run that ended otherwise it is a conflict; of no run it is unknown', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.cancel('r1')
    const before = played.events.length
    expect(played.cancel('r1').kind).toBe('nothing')
    expect(played.events.length).toBe(before)
    played.start('r2')
    played.stream('hi')
    played.close('complete', 'stop')
    played.work()
    expect(played.cancel('r2')).toMatchObject({ refusal: { status: 409, code: 'run_ended' } })
    expect(played.cancel('r9')).toMatchObject({ refusal: { status: 404, code: 'unknown_run' } })
  })

  test('of a run that still waits in the queue ends it without a start', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.start('r2')
    played.cancel('r2')
    expect(runOf(played.state, 'r2')).toMatchObject({ status: 'cancelled', startedSeq: null })
    expect(played.state.activeRun).toBe('r1')
  })

  test('of what an external producer writes closes its message and ends its run', () => {
    const played = new PlayedSession()
    const run = 'r1'
    played.append(draft('run.started', { run, kind: 'external' }, played.now))
    const message = { run, message: 'm1', role: 'assistant', purpose: 'answer' } as const
    played.append(draft('message.started', { ...message, provider: 'theirs', model: 'theirs' }, played.now))
    expect(played.work().kind).toBe('nothing')
    played.cancel(run)
    played.nowMs += 500
    played.work()
    expect(played.types().slice(-3)).toEqual(['run.cancel_requested', 'message.completed', 'run.cancelled'])
  })
})

test('a run whose cancel was requested by a clock that is ahead ends like any other', () => {
  const played = new PlayedSession()
  played.start('r1')
  played.stream('half an ans')
  played.nowMs += 3_600_000
  played.cancel('r1')
  played.nowMs -= 3_600_000
  played.work()
  expect(runOf(played.state, 'r1')?.status).toBe('cancelled')
})
