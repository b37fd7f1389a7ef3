import { describe, expect, test } from 'vitest'
import { OutcomeUnknown } from '../outcome-unknown.ts'
import { ToolError } from '../tool-error.ts'
import type { Answer } from './post.ts'
import { readAnswer } from './read-answer.ts'

const answer = (status: number, contentType: string, body: string | Buffer, rest: Partial<Answer> = {}): Answer => ({
  status,
  contentType,
  packed: false,
  retryAfterMs: 0,
  body: Buffer.from(body as string),
  cut: false,
  ...rest,
})

describe('the output of a tool is', () => {
  test.each([
    ['the value of JSON', answer(200, 'application/json; charset=utf-8', '{"a":[1]}'), { a: [1] }],
    ['the value of what is JSON by its suffix', answer(200, 'application/problem+json', '[1]'), [1]],
    ['the text of JSON that is none', answer(200, 'application/json', '{"a":'), '{"a":'],
    ['the text of a text', answer(201, 'text/plain', 'Grüße'), 'Grüße'],
    ['the text in its charset', answer(200, 'text/plain; charset=latin1', Buffer.from([0xfc])), 'ü'],
    ['the text of what says nothing about itself', answer(200, '', 'hello'), 'hello'],
    ['nothing of nothing', answer(204, '', ''), null],
    ['a word about bytes', answer(200, 'image/png', 'abc'), '[image/png, 3 bytes]'],
    ['a word about what is packed', answer(200, 'text/plain', 'abc', { packed: true }), '[text/plain, 3 bytes]'],
  ])('%s', (_, given, output) => expect(readAnswer(given, false)).toStrictEqual(output))
})

const failureOf = (given: Answer, repeatable = false) => {
  try {
    readAnswer(given, repeatable)
  } catch (error) {
    return error as ToolError
  }
  throw new Error('It should have failed')
}

test('a refusal is told in its own words, in one line and not without end', () => {
  const told = failureOf(answer(422, 'application/json', `{"error":\n"no such\tcity"}\u0000${'x'.repeat(9999)}`))
  expect(told).toMatchObject({ code: 'webhook_refused' })
  expect(told.message).toMatch(/^The tool refused \(422\): \{"error": "no such city"\} x+…$/)
  expect(told.message.length).toBeLessThan(600)
})

test('a page for browsers is not told', () => {
  expect(failureOf(answer(404, 'text/html', '<h1>Not found</h1>')).message).toBe('The tool refused (404).')
})

test.each([302, 303, 307])('a redirect (%i) is not followed, and nobody claims to know what was done', (status) => {
  const told = failureOf(answer(status, '', ''))
  expect(told).toBeInstanceOf(OutcomeUnknown)
  expect(told.message).toMatch(/not followed: the call may have been carried out, or not\. .* operator has to/)
  const repeatable = failureOf(answer(status, '', ''), true)
  expect(repeatable).toMatchObject({ code: 'webhook_redirected' })
  expect(repeatable).not.toBeInstanceOf(OutcomeUnknown)
  expect(repeatable.message).not.toContain('nothing')
})

test('what a gateway did not hear the end of is unknown, where it must not be done twice', () => {
  for (const status of [502, 504]) {
    expect(failureOf(answer(status, '', ''))).toBeInstanceOf(OutcomeUnknown)
    expect(failureOf(answer(status, '', ''), true)).not.toBeInstanceOf(OutcomeUnknown)
  }
  for (const status of [500, 503]) expect(failureOf(answer(status, '', ''))).not.toBeInstanceOf(OutcomeUnknown)
})

test('an answer that is too long says that it was done', () => {
  const told = failureOf(answer(200, 'text/plain', 'abc', { cut: true }))
  expect(told).toMatchObject({ code: 'answer_too_large', message: expect.stringContaining('It was done') })
})
