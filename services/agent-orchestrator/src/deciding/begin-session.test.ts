import { type SpoolEvent, isOpenMessage, prompt } from '@spool/events'
import { expect, test } from 'vitest'
import { PlayedSession, request } from '../../test/support/played-session.ts'

const title = 'New conversation'
const history = [
  { role: 'user' as const, text: 'hi' },
  { role: 'assistant' as const, text: 'x'.repeat(250_000) },
  { role: 'user' as const, text: 'go on' },
]

/** What is compared; a long text by its length. */
function said(event: SpoolEvent): unknown {
  if (event.type !== 'message.added') return event.type
  return { ...event, at: '', parts: event.parts.map((part) => (part.type === 'text' ? part.text.length : part)) }
}

test('a session begins with its title, with what was said elsewhere, and then with the message', () => {
  const played = new PlayedSession()
  played.start('r1', { title, history })
  expect(played.types()).toEqual([
    'run.started',
    'session.titled',
    ...Array<string>(4).fill('message.added'),
    'message.added',
    'message.requested',
  ])
  expect(played.state.title).toBe(title)
  expect(played.state.messages.slice(0, 4).map(({ run, role, text }) => ({ run, role, text }))).toEqual([
    ...history.map(({ role, text }) => ({ run: null, role, text })),
    { run: 'r1', role: 'user', text: 'hello from r1' },
  ])
  played.answer('hello')
  expect(played.state.runs[0]?.status).toBe('done')
})

test('whoever comes after a crash between any two appends goes on where the last one ends', () => {
  const whole = new PlayedSession()
  whole.start('r1', { title, history })
  for (let appends = 0; appends < whole.events.length; appends++) {
    const played = new PlayedSession()
    played.step({ kind: 'start', request: request('r1', played.now, { title, history }) }, appends)
    if (appends < whole.events.length - 1) played.work()
    expect(played.events.length, 'nobody else goes on').toBe(appends)
    // The same key, by another request: its message has another id.
    played.start('r1', { title, history, message: appends === 0 ? 'r1-message' : 'another' }, true)
    expect(played.events.map(said)).toEqual(whole.events.map(said))
  }
})

test('a session that is there takes over neither, nor does a run that waits in it', () => {
  const played = new PlayedSession()
  played.start('r1')
  played.start('r2', { title, history })
  played.answer('done')
  played.answer('done')
  played.start('r3', { title, history })
  expect(played.state.title).toBeNull()
  expect(played.state.messages.filter(({ role }) => role === 'user')).toHaveLength(3)
})

test('one whose first request was refused begins with the next', () => {
  const played = new PlayedSession()
  played.start('r0', { agent: 'nobody', at: '2025-01-01T00:00:00.000Z' })
  expect(played.types()).toEqual(['run.failed'])
  played.start('r1', { title, history: history.slice(0, 1) })
  expect(played.types().slice(1)).toEqual([
    'run.started',
    'session.titled',
    'message.added',
    'message.added',
    'message.requested',
  ])
})

test('a run that ends in the middle of a long text leaves nothing open', () => {
  for (const end of ['cancel', 'give-up'] as const) {
    const played = new PlayedSession()
    const asked = request('r1', played.now, { history })
    played.step({ kind: 'start', request: asked }, 3)
    expect(played.state.messages.some(isOpenMessage)).toBe(true)
    if (end === 'give-up') played.step({ kind: 'give-up', about: { request: asked } })
    else {
      played.cancel('r1')
      played.nowMs += 60_000
      played.work()
    }
    expect(played.state.messages.some(isOpenMessage)).toBe(false)
    expect(played.state.activeRun).toBeNull()
  }
})

test('a request that is in no store any more changes nothing where its message is in the log, else its run fails', () => {
  const played = new PlayedSession()
  const head = request('r1', played.now, { parts: [] })
  played.start('r1')
  const before = played.events.length
  expect(played.step({ kind: 'start', request: head, isLost: true }).kind).toBe('nothing')
  expect(played.events).toHaveLength(before)
  const lost = new PlayedSession()
  lost.step({ kind: 'start', request: head, isLost: true })
  expect(lost.types()).toEqual(['run.failed'])
})

const context = { tool_execution_results: { weather: 'sunny' } }

test('every call of a run is told the context that it was given, also where it had to wait', () => {
  const played = new PlayedSession()
  played.start('r1')
  played.start('r2', { agent: 'tools', context })
  played.answer('done')
  played.answer('', { name: 'look', input: {} })
  played.workTools()
  const asked = played.state.messages.filter(({ run, requestedSeq }) => run === 'r2' && requestedSeq !== null)
  expect(asked).toHaveLength(2)
  for (const { id } of asked) expect(prompt(played.state, id)[0]?.content).toContain('"weather":"sunny"')
})

test('a context that lies in a blob is fetched for each call; the run fails where it is lost', () => {
  for (const isThere of [true, false]) {
    const played = new PlayedSession()
    played.start('r1')
    played.step({ kind: 'start', request: request('r2', played.now, {}) })
    const queued = played.events.at(-1)!
    played.state = {
      ...played.state,
      runs: played.state.runs.map((run) => (run.id === 'r2' ? { ...run, contextBlob: 'B' } : run)),
    }
    expect(queued.type).toBe('run.queued')
    if (isThere) played.stored.set('B', { context })
    played.answer('done')
    expect(played.events.at(-1)).toMatchObject(
      isThere ? { type: 'message.requested', context } : { type: 'run.failed', error: { code: 'request_lost' } },
    )
  }
})
