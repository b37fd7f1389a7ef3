import { expect, test } from 'vitest'
import type { Answer } from './post.ts'
import { SPOOL_ANSWER, spoolAnswer } from './spool-answer.ts'

const answer = (body: unknown, rest: Partial<Answer> = {}): Answer => ({
  status: 200,
  contentType: `${SPOOL_ANSWER}; charset=utf-8`,
  packed: false,
  retryAfterMs: 0,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  cut: false,
  ...rest,
})

test('an answer that says so has the output in it, and what is told beside it', () => {
  const events = [{ type: 'custom.seen', data: { degrees: 21 } }, { type: 'custom.done' }]
  expect(spoolAnswer(answer({ output: 'sunny', events }))).toEqual({ output: 'sunny', events })
  expect(spoolAnswer(answer({}))).toEqual({ output: null, events: [] })
})

test.each([
  [answer({ output: 1 }, { contentType: 'application/json' })],
  [answer({ output: 1 }, { status: 500 })],
  [answer({ output: 1 }, { packed: true })],
  [answer({ output: 1 }, { cut: true })],
])('any other answer is one like any other (%#)', (given) => expect(spoolAnswer(given)).toBeNull())

test.each([['{"output":'], [{ out: 1 }], [{ events: [{ data: 1 }] }], [{ events: 'custom.x' }], [[1]]])(
  'one that is not what it says is a failure after the fact: %j',
  (body) => expect(() => spoolAnswer(answer(body))).toThrow(/It was done \(200\), but/),
)
