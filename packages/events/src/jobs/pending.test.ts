import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import { validHistory } from '../../test/valid-history.ts'
import { allows, draft, emptySession, fold, openPart, pending, queuedRuns, type SessionState } from '../index.ts'

function keys(story: Story): string[] {
  return pending(story.state).map((job) => `${job.kind}:${job.key}`)
}

const call = { run: 'r1', name: 'clock', input: {}, repeatable: true }
const error = { code: 'x', message: 'x' }

test('an idle session calls for nothing', () => {
  expect(keys(new Story())).toStrictEqual([])
  expect(keys(new Story().ask('r1', 'x').write('r1', 'm1', 'y').end('r1'))).toStrictEqual([])
})

test('a run that has started is to be decided on, under one key until something happens', () => {
  const story = new Story().say('run.started', { run: 'r1', kind: 'agent' })
  expect(keys(story)).toStrictEqual(['run:1'])
  story.say('message.added', { run: 'r1', message: 'u', role: 'user', parts: [] })
  expect(keys(story)).toStrictEqual(['run:1'])
})

test('a message is the model’s job from its request to its end, then it is the orchestrator’s turn', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1')
  expect(keys(story)).toStrictEqual(['llm:m1'])
  story.generate('r1', 'm1').stream('r1', 'm1', 'a')
  expect(keys(story)).toStrictEqual(['llm:m1'])
  story.close('r1', 'm1')
  expect(keys(story)).toStrictEqual([`run:${story.state.seq}`])
})

test('tools are jobs until they end; with the last it is the orchestrator’s turn', () => {
  const story = new Story().ask('r1', 'x').write('r1', 'm1', 'y')
  story.say('tool.called', { ...call, call: 'c1' }).say('tool.called', { ...call, call: 'c2' })
  expect(keys(story)).toStrictEqual(['tool:c1', 'tool:c2'])
  story.say('tool.failed', { run: 'r1', call: 'c2', error, outcome: 'denied' })
  expect(keys(story)).toStrictEqual(['tool:c1'])
  story.say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c1', duration_ms: 1 })
  expect(keys(story)).toStrictEqual([`run:${story.state.seq}`])
})

test('a question that waits costs nothing; its answer is to be decided on', () => {
  const story = new Story()
    .ask('r1', 'x')
    .write('r1', 'm1', 'y')
    .say('confirmation.requested', {
      run: 'r1',
      confirmation: 'q1',
      kind: 'plan',
      round: 1,
      prompt: '',
      tasks: [],
      hash: 'h',
      options: ['confirm'],
      timeout_seconds: 1,
      deadline: '2026-11-20T09:55:00.000Z',
    })
  expect(keys(story)).toStrictEqual([])
  story.say('confirmation.resolved', { run: 'r1', confirmation: 'q1', action: 'confirm', by: 'u', via: 'http' })
  expect(keys(story)).toStrictEqual([`run:${story.state.seq}`])
})

test('a cancel is to be decided on at once and again when its message is closed; no proxy begins', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1').generate('r1', 'm1')
  story.say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
  expect(keys(story)).toStrictEqual(['run:6'])
  story.close('r1', 'm1', { status: 'partial', reason: 'cancelled' })
  expect(keys(story)).toStrictEqual(['run:7'])
  story.say('run.cancelled', { run: 'r1', by: 'u', reason: 'user' })
  expect(keys(story)).toStrictEqual([])
})

test('a queue waits for the active run, then its first is to be started; more in it change nothing', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1')
  story.say('run.queued', { run: 'r2', kind: 'agent', message: 'u2', parts: [] })
  expect(keys(story)).toStrictEqual(['llm:m1'])
  story.generate('r1', 'm1').close('r1', 'm1').end('r1')
  expect(keys(story)).toStrictEqual(['run:8'])
  story.say('run.queued', { run: 'r3', kind: 'agent', message: 'u3', parts: [] })
  expect(keys(story)).toStrictEqual(['run:8'])
})

test('a cancel of a run that waits is to be decided on while another is active', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1')
  story.say('run.queued', { run: 'r2', kind: 'agent', message: 'u2', parts: [] })
  story.say('run.cancel_requested', { run: 'r2', by: 'u', reason: 'user' })
  expect(keys(story)).toStrictEqual(['llm:m1', 'run:5'])
})

test('memory goes from the decision over the model to its own job, and back when the model fails', () => {
  const story = new Story().ask('r1', 'x', { memory: 'on' }).write('r1', 'm1', 'y').end('r1')
  expect(keys(story)).toStrictEqual(['run:8'])
  story.request('r1', 'x1', { purpose: 'memory' })
  expect(keys(story)).toStrictEqual(['llm:x1'])
  story.generate('r1', 'x1').close('r1', 'x1', { status: 'partial', reason: 'provider_failed' })
  expect(keys(story)).toStrictEqual(['run:12'])
  story.write('r1', 'x2', '[]', { purpose: 'memory' })
  expect(keys(story)).toStrictEqual(['memory:r1'])
  story.say('memory.failed', { run: 'r1', error })
  expect(keys(story)).toStrictEqual([])
})

test('a title is written beside the run and taken up when it is there; a summary holds its run up', () => {
  const titled = new Story().ask('r1', 'x').request('r1', 't1', { purpose: 'title' })
  expect(keys(titled)).toStrictEqual(['llm:t1', 'run:1'])
  titled.generate('r1', 't1').stream('r1', 't1', 'T').close('r1', 't1')
  expect(keys(titled)).toStrictEqual(['run:1', 'run:7'])
  expect(keys(titled.say('session.titled', { title: 'T' }))).toStrictEqual(['run:1'])
  const summary = new Story().ask('r1', 'x').request('r1', 's1', { purpose: 'summary' })
  expect(keys(summary)).toStrictEqual(['llm:s1'])
  expect(keys(summary.generate('r1', 's1').close('r1', 's1'))).toStrictEqual(['run:6'])
})

test('a producer’s run is ours only where its message was closed and the run was left open', () => {
  const story = new Story().say('run.started', { run: 'x', kind: 'external' })
  expect(keys(story)).toStrictEqual([])
  const started = { role: 'assistant' as const, purpose: 'answer' as const, provider: 'external', model: 'm' }
  story.say('message.started', { run: 'x', message: 'm1', ...started })
  expect(keys(story)).toStrictEqual([])
  expect(keys(story.close('x', 'm1'))).toStrictEqual(['run:3'])
})

test('the open part of a state calls for the same jobs as the whole, in the same order', () => {
  fc.assert(
    fc.property(validHistory, (log) => {
      eachState(log, (state) => {
        expect(pending(openPart(state))).toStrictEqual(pending(state))
        expect(pending(JSON.parse(JSON.stringify(state)) as SessionState)).toStrictEqual(pending(state))
      })
    }),
  )
})

test('no state is reachable in which a run neither waits for a person, a producer or a job, nor is over', () => {
  fc.assert(
    fc.property(validHistory, (log) => {
      eachState(log, (state) => {
        const jobs = pending(state)
        const active = state.runs.find((run) => run.id === state.activeRun)
        if (active?.kind === 'agent' && state.question === null) expect(jobs).not.toHaveLength(0)
        if (active === undefined && queuedRuns(state).length > 0)
          expect(jobs.some((job) => job.kind === 'run')).toBe(true)
        for (const run of state.runs) {
          if (run.endedSeq !== null && run.memoryState.status === 'pending') expect(jobs).not.toHaveLength(0)
          if (run.cancelRequested !== null && run.endedSeq === null) expect(jobs).not.toHaveLength(0)
        }
      })
    }),
  )
})

function eachState(log: Parameters<typeof fold>[1][], check: (state: SessionState) => void): void {
  let state = emptySession()
  for (const placed of log) {
    state = fold(state, placed)
    check(state)
  }
}

test('while a history is brought in, nothing of it is a job, and nobody may append to it', () => {
  const imported = { from_tenant: 'default', from_session: 'one' }
  const story = new Story().say('session.imported', { ...imported, importing: true })
  const told = new Story().ask('r1', 'x').request('r1', 'm1').generate('r1', 'm1')
  for (const { event } of told.log) story.tell({ seq: story.state.seq + 1, event })
  expect(keys(story)).toStrictEqual([])
  expect(allows(story.state, told.log[0]!.event)).toBe('the session is being imported')
  story.tell({ seq: story.state.seq + 1, event: draft('session.imported', imported) })
  expect(keys(story)).toStrictEqual(['llm:m1'])
  expect(story.state).not.toHaveProperty('importing')
})
