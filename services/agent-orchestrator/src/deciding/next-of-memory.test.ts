import { draft, pending, runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

function answered(): PlayedSession {
  const played = new PlayedSession()
  played.start('r1', { agent: 'remembers', user: 'u1' })
  played.answer('Hello Ada.')
  return played
}

describe('the memory of a run', () => {
  test('is asked for after its end, and waited for by nobody', () => {
    const played = answered()
    expect(played.types().slice(-2)).toEqual(['run.completed', 'message.requested'])
    expect(played.state.messages.at(-1)).toMatchObject({ purpose: 'memory', status: 'requested' })
    played.start('r2', { agent: 'remembers', user: 'u1' })
    expect(played.state.activeRun).toBe('r2')
  })

  test('is a job of its own once the model has answered', () => {
    const played = answered()
    played.stream('{"facts": []}')
    played.close('complete', 'stop')
    expect(pending(played.state)).toEqual([{ kind: 'memory', key: 'r1' }])
    expect(played.work().kind).toBe('nothing')
  })

  test('fails where the model fails, and the run stays as it ended', () => {
    const played = answered()
    played.stream('')
    played.close('partial', 'provider_failed')
    played.work()
    expect(played.events.at(-1)).toMatchObject({ type: 'memory.failed', error: { code: 'memory_failed' } })
    expect(runOf(played.state, 'r1')?.status).toBe('done')
  })

  test('is given up twelve seconds after the end', () => {
    const played = answered()
    played.nowMs += 11_000
    expect(played.work().kind).toBe('nothing')
    played.nowMs += 1000
    played.work()
    expect(played.events.at(-1)).toMatchObject({ type: 'memory.failed', error: { code: 'memory_timed_out' } })
  })

  test('is empty where the run came to nothing', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'remembers' })
    played.cancel('r1')
    expect(played.events.at(-1)).toMatchObject({ type: 'memory.updated', count: 0, memories: [] })
    expect(runOf(played.state, 'r1')?.lastSeq).not.toBeNull()
  })
})

describe('what is known of the user', () => {
  test('is recalled once in a run, by what it is about, and goes to each of its calls', () => {
    const played = new PlayedSession()
    played.known = [{ id: 'm1', text: 'Her name is Ada.' }]
    played.start('r1', { agent: 'remembers', user: 'u1' })
    played.answer('', { name: 'look', input: {} })
    played.workTools()
    expect(played.recalls).toEqual(['hello from r1'])
    const asked = played.state.messages.filter(({ purpose }) => purpose === 'answer')
    expect(asked.map(({ request }) => request?.memories)).toEqual([played.known, played.known])
  })

  test('is not asked for where the agent remembers nothing', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'tools' })
    expect(played.recalls).toEqual([])
  })
})

test('a title that a model wrote becomes the session’s', () => {
  const played = new PlayedSession()
  played.start('r1')
  played.answer('Hi.')
  const title = { run: 'r1', message: 't1', purpose: 'title' as const, model: 'default' }
  played.append(draft('message.requested', title, played.now))
  played.stream(' A greeting ')
  played.close('complete', 'stop')
  played.work()
  expect(played.state.title).toBe('A greeting')
})
