import { runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

describe('a busy session', () => {
  test('queues by default and starts what waits, in order, each after the one before', () => {
    const played = new PlayedSession()
    for (const run of ['r1', 'r2', 'r3']) played.start(run)
    expect(played.types().slice(3)).toEqual(['run.queued', 'run.queued'])
    for (const run of ['r1', 'r2', 'r3']) {
      expect(played.state.activeRun).toBe(run)
      played.stream('hi')
      played.close('complete', 'stop')
      played.work()
    }
    expect(played.state.runs.map((run) => run.status)).toEqual(['done', 'done', 'done'])
    const users = played.state.messages.filter((message) => message.role === 'user')
    expect(users.map((message) => message.text)).toEqual(['r1', 'r2', 'r3'].map((run) => `hello from ${run}`))
  })

  test('refuses with reject', () => {
    const played = new PlayedSession()
    played.start('r1')
    const refusal = { status: 409, code: 'session_busy' }
    expect(played.start('r2', { when_busy: 'reject' })).toMatchObject({ kind: 'refuse', refusal })
  })

  test('with interrupt cancels what runs and then starts the new one', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('half an ans')
    played.start('r2', { when_busy: 'interrupt' })
    expect(played.types().slice(-2)).toEqual(['run.queued', 'run.cancel_requested'])
    played.close('partial', 'cancelled')
    played.work()
    expect(played.types().slice(-4)).toEqual(['run.cancelled', 'run.started', 'message.added', 'message.requested'])
  })

  test('refuses a reject that is given out again: its caller may have been refused the first time', () => {
    const played = new PlayedSession()
    const refusal = { status: 409, code: 'session_busy' }
    expect(played.start('r1', { when_busy: 'reject' }, true)).toMatchObject({ kind: 'refuse', refusal })
    expect(played.events).toEqual([])
  })

  test('answers a reject that is given out again as before where its run had started', () => {
    const played = new PlayedSession()
    played.start('r1', { when_busy: 'reject' })
    expect(played.start('r1', { when_busy: 'reject' }, true).kind).toBe('nothing')
    expect(runOf(played.state, 'r1')?.status).toBe('active')
  })

  test('with interrupt cancels only what ran when the request came, however often it is given out', () => {
    const played = new PlayedSession()
    for (const run of ['r1', 'r2']) played.start(run)
    played.stream('half an ans')
    played.start('r3', { when_busy: 'interrupt' })
    played.close('partial', 'cancelled')
    played.work()
    expect(played.state.activeRun).toBe('r2')
    expect(played.start('r3', { when_busy: 'interrupt' }, true).kind).toBe('nothing')
    expect(played.state.runs.map(({ status }) => status)).toEqual(['cancelled', 'active', 'queued'])
  })
})
