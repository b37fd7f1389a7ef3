import { type EventFields, type EventType, draft, encodeEvent } from '@spool/events'
import { expect, test } from 'vitest'
import { StoredEvent } from '../stored-event.ts'
import { RunTracker } from './run-tracker.ts'
import { ClosedWindow, RunWindow, type Selection, WholeSession } from './selection.ts'

function event<Type extends EventType>(seq: number, type: Type, fields: EventFields<Type>): StoredEvent {
  return new StoredEvent({ seq, prev: seq - 1, epoch: 1, id: `${seq}`, type }, encodeEvent(draft(type, fields)))
}

const usage = { input_tokens: 0, output_tokens: 0 }
const error = { code: 'x', message: 'x', retryable: false }

const started = (seq: number, run: string, memory: 'on' | 'off' = 'off') =>
  event(seq, 'run.started', { run, kind: 'agent', memory })
const completed = (seq: number, run: string) =>
  event(seq, 'run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })
const titled = (seq: number) => event(seq, 'session.titled', { title: 't' })

const takes = (selection: Selection, ...events: StoredEvent[]) => events.map((one) => selection.take(one))

test('a window begins with its run and ends with it; what lies between belongs to it', () => {
  const events = [titled(1), started(2, 'r'), titled(3), completed(4, 'other'), completed(5, 'r')]
  expect(takes(new RunWindow('r'), ...events)).toEqual(['skip', 'send', 'send', 'send', 'last'])
})

test('with memory on a window ends with the memory, also when the next run has begun', () => {
  const settled = event(4, 'memory.failed', { run: 'r', error })
  expect(takes(new RunWindow('r'), started(1, 'r', 'on'), completed(2, 'r'), started(3, 'q'), settled)).toEqual([
    'send',
    'send',
    'send',
    'last',
  ])
})

test('a run that was refused late is a window of one event', () => {
  expect(takes(new RunWindow('r'), titled(1), event(2, 'run.failed', { run: 'r', error }))).toEqual(['skip', 'last'])
})

test('who begins inside a window that is known ends where it ends', () => {
  const tracker = new RunTracker('r')
  for (const one of [started(1, 'r', 'on'), completed(2, 'r')]) tracker.fold(one)
  const settled = event(4, 'memory.updated', { run: 'r', count: 0, memories: [] })
  expect(takes(new RunWindow('r', tracker.of('r')), titled(3), settled)).toEqual(['send', 'last'])
  tracker.fold(settled)
  expect(takes(new RunWindow('r', tracker.of('r')), started(1, 'r'), completed(2, 'r'), titled(3), settled)).toEqual([
    'send',
    'send',
    'send',
    'last',
  ])
})

test('a closed window is told by its bounds', () => {
  expect(takes(new ClosedWindow(2, 3), titled(1), titled(2), titled(3))).toEqual(['skip', 'send', 'last'])
})

test('a session is whole, ends when it is erased, and says which run is going on', () => {
  const session = new WholeSession()
  expect(takes(session, titled(1), started(2, 'r'))).toEqual(['send', 'send'])
  expect(session.run?.id).toBe('r')
  takes(session, completed(3, 'r'))
  expect(session.run).toBeUndefined()
  expect(session.take(event(4, 'session.erased', { by: 'someone' }))).toBe('last')
})
