import { expect, test } from 'vitest'
import { Output } from '../output/output.ts'
import type { Body } from '../rendering/fields.ts'
import { RunView } from './run-view.ts'
import { Screen } from './screen.ts'

const CLEAR = '\r\u001B[K'

function view(isTTY = false) {
  let text = ''
  const terminal = { isTTY, columns: 40, write: (piece: string) => ((text += piece), true) }
  const screen = new Screen(new Output(false, terminal, terminal, false))
  const run = new RunView(screen, 'r')
  return {
    run,
    screen,
    text: () => text,
    take: (...events: Body[]) => events.forEach((event) => run.take({ run: 'r', ...event })),
  }
}

const started = { type: 'message.started', message: 'm', purpose: 'answer' }
const again = (kept: number) => ({ type: 'generation.started', message: 'm', attempt: 2, kept })
const resolved = (confirmation: string, more: Body) => ({ type: 'confirmation.resolved', confirmation, ...more })
const said = (text: string, message = 'm') => ({ type: 'text.delta', message, text })

test('of a run only its answer is shown, and no other run', () => {
  const { take, text } = view()
  take(
    { type: 'message.started', message: 'p', purpose: 'plan' },
    said('secret', 'p'),
    started,
    said('Hi '),
    { ...said('other'), run: 'q' },
    said('there'),
    { type: 'run.completed', status: 'done' },
  )
  expect(text()).toBe('Hi there\n')
})

test('a call and its result are a line each, on one of their own', () => {
  const { take, text } = view()
  take(
    started,
    said('Let me see'),
    { type: 'tool.called', call: 'c', name: 'clock', input: { zone: 'UTC' } },
    { type: 'tool.progress', call: 'c', progress: 0.5 },
    { type: 'tool.completed', call: 'c', output: 'noon', duration_ms: 3 },
    {
      type: 'tool.failed',
      call: 'd',
      outcome: 'unknown',
      error: { code: 'worker_gone', message: 'Its worker is gone.' },
    },
  )
  expect(text().split('\n')).toEqual([
    'Let me see',
    '→ clock {"zone":"UTC"}',
    '← clock 3 ms · noon',
    '✗ tool Its worker is gone. (worker_gone) It may have been done or not.',
    '',
  ])
})

test('what is being done is shown where a person looks, and goes away again', () => {
  const { take, text } = view(true)
  take({ type: 'run.status', phase: 'acting', text: 'Acting…' }, started, said('Hi'))
  expect(text()).toBe(`${CLEAR}Acting…${CLEAR}Hi`)
})

test('that a server is away is said in the middle of an answer, and taken back when it goes on', () => {
  const { take, screen, text } = view(true)
  take(started, said('One two'))
  screen.aside(' reconnecting …')
  screen.aside(' reconnecting …')
  take(said(' three'))
  expect(text()).toBe(`One two reconnecting …${'\b'.repeat(15)}\u001B[K three`)
})

test('a cancelled run says what is kept, a failed one what to do', () => {
  const cancelled = view()
  cancelled.take(started, said('One two'), { type: 'run.cancelled', by: 'user', reason: 'user' })
  expect(cancelled.text()).toBe('One two\nCancelled. What was written is kept: 7 characters.\n')
  expect(cancelled.run.ending).toBe('cancelled')
  const failed = view()
  const error = { code: 'provider_busy', message: 'The model is\u001B busy.', retryable: true }
  failed.take({ type: 'run.failed', error })
  expect(failed.text()).toBe('The model is␛ busy. (provider_busy) You can try again.\n')
})

test('an answer that has to begin anew says so; one that goes on does not', () => {
  const { take, text } = view()
  take(started, again(0), said('One'), again(3), said(' two'), again(0), said('One two three'))
  expect(text()).toBe('One two\n… The answer begins anew:\nOne two three')
})

test('a question that is answered elsewhere, or by nobody, says so; one that is answered here does not', () => {
  const { run, take, text } = view()
  run.isAnsweredHere('here')
  take(
    resolved('here', { action: 'confirm', by: 'user', via: 'http' }),
    resolved('there', { action: 'confirm', by: 'ada', via: 'http' }),
    resolved('late', { action: 'timeout', by: 'spool', via: 'deadline' }),
  )
  expect(text()).toBe('Answered elsewhere: confirm by ada (http)\nNobody answered in time.\n')
})
