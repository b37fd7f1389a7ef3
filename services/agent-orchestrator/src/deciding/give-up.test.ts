import { draft, pending } from '@spool/events'
import { expect, test } from 'vitest'
import { PlayedSession, request } from '../../test/support/played-session.ts'

test('a step that failed every time ends its run, keeps what was written and lets the next run begin', () => {
  const played = new PlayedSession()
  played.start('r1')
  played.start('r2')
  played.stream('hi')
  const giveUp = { kind: 'give-up', about: { after: played.state.seq } } as const
  played.step(giveUp)
  expect(played.types().slice(-2)).toEqual(['message.completed', 'run.failed'])
  expect(played.state.messages[1]).toMatchObject({ text: 'hi', status: 'partial' })
  expect(pending(played.state)).toEqual([{ kind: 'run', key: String(played.state.idleSeq) }])
  // Given out once more it is not the next run's turn to be given up.
  expect(played.step(giveUp).kind).toBe('nothing')
})

test('a run that cannot even be started is given up alone, not with those behind it', () => {
  const played = new PlayedSession()
  for (const run of ['r1', 'r2', 'r3']) played.start(run)
  played.stream('hi')
  played.close('complete', 'stop')
  const run = 'r1'
  played.append(
    draft('run.completed', { run, status: 'done', usage: played.state.usage, steps: 1, duration_ms: 1 }, played.now),
  )
  played.step({ kind: 'give-up', about: { after: played.state.seq } })
  expect(played.state.runs.map(({ status }) => status)).toEqual(['done', 'failed', 'queued'])
})

test('a request whose every step failed is told by the log, also where it had no run yet', () => {
  const played = new PlayedSession()
  const giveUp = { kind: 'give-up', about: { request: request('r1', played.now, {}) } } as const
  played.step(giveUp)
  expect(played.events).toMatchObject([{ type: 'run.failed', run: 'r1', error: { code: 'step_failed' } }])
  expect(played.step(giveUp).kind).toBe('nothing')
})

test('a cancel of no known run whose every step failed writes nothing', () => {
  const played = new PlayedSession()
  expect(played.step({ kind: 'give-up', about: { run: 'r9' } }).kind).toBe('nothing')
  expect(played.events).toEqual([])
})

test('a question, a tool at work and a message of a run that is given up are closed before it', () => {
  const played = new PlayedSession()
  played.start('r1', { agent: 'asks' })
  played.answer('', { name: 'send', input: {} }, { name: 'look', input: {} })
  played.beginTool('look')
  played.step({ kind: 'give-up', about: { run: 'r1' } })
  expect(played.types().slice(-3)).toEqual(['confirmation.resolved', 'tool.failed', 'run.failed'])
})

test('the memory of a run whose step failed is given up, and not the run that is active meanwhile', () => {
  const played = new PlayedSession()
  played.start('r1', { agent: 'remembers' })
  played.stream('Hello.')
  played.close('complete', 'stop')
  played.step({ kind: 'work' }, 1)
  const { idleSeq } = played.state
  played.start('r2', { agent: 'demo' })
  played.step({ kind: 'give-up', about: { after: idleSeq } })
  expect(played.state.runs.map(({ status }) => status)).toEqual(['done', 'active'])
  expect(played.state.runs[0]?.memoryState.status).toBe('failed')
})
