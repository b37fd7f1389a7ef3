import type { MessageSnapshot, QuestionSnapshot, RunSnapshot } from '@spool/client'
import { expect, test } from 'vitest'
import { showLines } from './show-lines.ts'

const session = { id: 's', title: 'Rain', phase: 'idle', active_run: null, agent: 'demo', forked_from: null }
const run = (id: string, more: object = {}): RunSnapshot => ({
  id,
  status: 'done',
  first_seq: 1,
  last_seq: 9,
  agent: 'demo',
  ...more,
})
const message = (id: string, more: object): MessageSnapshot => ({
  id,
  run: 'r',
  role: 'assistant',
  created_at: null,
  status: 'complete',
  text: '',
  ...more,
})

function lines(messages: MessageSnapshot[], runs: RunSnapshot[], question: unknown = null): string[] {
  const byId = new Map(runs.map((one) => [one.id, one]))
  const asked = { ...session, question: question as QuestionSnapshot | null }
  return showLines({ cursor: '1-9', session: asked, messages, runs: byId, artifacts: [] }).map(({ text }) => text)
}

test('messages with who, with which model, what they called and how they ended', () => {
  const parts = [
    { type: 'reasoning', text: 'hm' },
    { type: 'tool_call', name: 'clock', call: 'c', text: '{}', input: { zone: 'UTC' } },
    { type: 'text', text: 'No\u0007on\nsharp' },
  ]
  const shown = lines(
    [
      message('1', { role: 'user', text: 'Time?', parts: [{ type: 'text', text: 'Time?' }] }),
      message('2', { status: 'partial', reason: 'cancelled', provider: 'demo', model: 'demo/agent', parts }),
    ],
    [run('r')],
  )
  expect(shown[0]).toBe('s: Rain')
  expect(shown.slice(2)).toEqual([
    '',
    'user',
    'Time?',
    '',
    'demo · demo demo/agent · partial (cancelled)',
    'hm',
    '→ clock {"zone":"UTC"}',
    'No␇on\nsharp',
  ])
})

test('a plan stands with its arguments below what asked for it, and the question that waits at the end', () => {
  const tasks = [{ index: 1, description: 'Send it', tool: 'post', input: { to: 'Ada' } }]
  const asking = run('r', { status: 'active', plan: { round: 2, tasks } })
  const question = { kind: 'plan', round: 2, tasks, deadline: '2026-11-20T09:55:06.000Z' }
  const shown = lines(
    [message('1', { role: 'user', text: 'Go', parts: [{ type: 'text', text: 'Go' }] })],
    [asking],
    question,
  )
  expect(shown.slice(4, 7)).toEqual(['Go', 'plan, round 2', '→ 1. Send it: post {"to":"Ada"}'])
  expect(shown.slice(8, 11)).toEqual([
    'May this plan be carried out? (round 2)',
    '  1. Send it',
    '     post {"to":"Ada"}',
  ])
})

test('a run that failed says why, though no message does', () => {
  const error = { code: 'provider_busy', message: 'The model is busy.', retryable: true }
  expect(lines([message('1', { role: 'user', text: 'Go' })], [run('r', { status: 'failed', error })]).at(-1)).toBe(
    '✗ The model is busy. (provider_busy)',
  )
})
