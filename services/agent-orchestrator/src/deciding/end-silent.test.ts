import { draft, runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

function produced(...texts: string[]): PlayedSession {
  const played = new PlayedSession()
  played.append(draft('run.started', { run: 'x', kind: 'external' }, played.now))
  const message = { run: 'x', message: 'm', role: 'assistant', purpose: 'answer' } as const
  played.append(draft('message.started', { ...message, provider: 'external', model: 'theirs' }, played.now))
  for (const [index, text] of texts.entries()) {
    played.append(draft('text.delta', { run: 'x', message: 'm', sequence: index + 1, text }, played.now))
  }
  return played
}

describe('a producer that has fallen silent', () => {
  test('leaves a partial message and a failed run; the session is idle again, and what waits is next', () => {
    const played = produced('Hello')
    played.start('r2')
    played.step({ kind: 'silent', after: played.state.seq })
    expect(played.state.messages[0]).toMatchObject({ status: 'partial', reason: 'producer_silent', text: 'Hello' })
    expect(runOf(played.state, 'x')).toMatchObject({ status: 'failed', error: { code: 'producer_silent' } })
    expect(played.state.activeRun).toBe('r2')
  })

  test('is left alone where it has said something since', () => {
    const played = produced('Hello')
    const { seq } = played.state
    played.append(draft('text.delta', { run: 'x', message: 'm', sequence: 2, text: '!' }, played.now))
    expect(played.step({ kind: 'silent', after: seq }).kind).toBe('nothing')
    expect(played.state.phase).toBe('external')
  })

  test('may have begun no message, and may have closed it', () => {
    const begun = new PlayedSession()
    begun.append(draft('run.started', { run: 'x', kind: 'external' }, begun.now))
    begun.step({ kind: 'silent', after: begun.state.seq })
    expect(begun.types()).toEqual(['run.started', 'run.failed'])
    const closed = produced('Hello')
    closed.append(
      draft('message.completed', { run: 'x', message: 'm', status: 'complete', reason: 'stop' }, closed.now),
    )
    closed.step({ kind: 'silent', after: closed.state.seq })
    expect(runOf(closed.state, 'x')?.status).toBe('done')
  })
})

test('a run whose message was closed by a gateway that then died is ended by any step', () => {
  const played = produced('Hello')
  played.work()
  expect(played.state.phase).toBe('external')
  const close = { run: 'x', message: 'm', status: 'partial', reason: 'error: no power' } as const
  played.append(draft('message.completed', close, played.now))
  played.work()
  expect(runOf(played.state, 'x')).toMatchObject({ status: 'failed', error: { message: 'no power' } })
})
