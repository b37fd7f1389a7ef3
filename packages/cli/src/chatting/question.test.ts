import { expect, test } from 'vitest'
import { answerPrompt, questionLines, readAnswer } from './question.ts'

const plan = {
  kind: 'plan',
  round: 2,
  options: ['confirm', 'modify', 'cancel'],
  deadline: '2026-11-20T09:55:06.000Z',
  tasks: [
    { index: 1, description: 'Send\u001B[8m a card', tool: 'post', input: { to: 'Ada', text: 'x'.repeat(500) } },
    { index: 2, description: 'Rest' },
  ],
}
const tool = { ...plan, kind: 'tool', tasks: plan.tasks.slice(0, 1) }

test('the arguments are shown as the tool will get them, to their end, and nothing in them is obeyed', () => {
  const lines = questionLines(plan)
  expect(lines.slice(0, 4)).toEqual([
    'May this plan be carried out? (round 2)',
    '  1. Send␛[8m a card',
    `     post {"to":"Ada","text":"${'x'.repeat(500)}"}`,
    '  2. Rest',
  ])
  expect(lines[4]).toMatch(/^An answer is waited for until .*\d\d:\d\d:\d\d\.$/)
  expect(questionLines({ prompt: 'Go on?' })[1]).toBe('  Go on?')
})

test.each([
  ['confirm', { action: 'confirm' }],
  [' Y ', { action: 'confirm' }],
  ['no', { action: 'cancel' }],
  ['cancel too risky', { action: 'cancel', message: 'too risky' }],
  ['modify shorter, please', { action: 'modify', message: 'shorter, please' }],
  ['modify: shorter', { action: 'modify', message: 'shorter' }],
])('%j answers a plan', (line, answer) => {
  expect(readAnswer(line, plan)).toEqual(answer)
})

test('the arguments of a single call can be given anew', () => {
  expect(readAnswer('modify {"to": "Bob"}', tool)).toEqual({ action: 'modify', input: { to: 'Bob' } })
  expect(readAnswer('modify to Bob', tool)).toEqual({ action: 'modify', message: 'to Bob' })
  expect(readAnswer('modify {"to": "Bob"}', plan)).toEqual({ action: 'modify', message: '{"to": "Bob"}' })
})

test.each(['', 'maybe', 'yes!', 'toString'])('%j is no answer, and it is said what is', (line) => {
  expect(readAnswer(line, plan)).toMatch(/confirm.*modify.*cancel/)
})

test('to modify needs words, and only what may be answered is', () => {
  expect(readAnswer('modify', plan)).toMatch(/what is to be changed/)
  const fixed = { ...plan, options: ['confirm', 'cancel'] }
  expect(readAnswer('modify x', fixed)).toMatch(/^Type confirm, cancel/)
  expect(answerPrompt(fixed)).not.toContain('modify')
})
