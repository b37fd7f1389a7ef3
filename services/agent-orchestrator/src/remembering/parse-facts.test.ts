import { describe, expect, test } from 'vitest'
import { parseFacts } from './parse-facts.ts'

const two = ['The user is called Ada.', '用户喜欢绿茶']
const json = JSON.stringify({ facts: two })

describe('facts are found', () => {
  test.each([
    ['as they were asked for', json],
    ['in a fence', `\`\`\`json\n${JSON.stringify({ facts: two }, null, 2)}\n\`\`\``],
    ['between other words', `Here is what I found [in short]:\n\n${json}\n\nLet me know if that helps!`],
    ['in a fence between braces', `{thinking}\n\`\`\`\n${json}\n\`\`\`\n{done}`],
    ['as a bare array', JSON.stringify(two)],
    ['as objects', JSON.stringify({ facts: [{ fact: two[0] }, { text: two[1] }, { id: 7 }, null, 3] })],
    ['as a list for people', `Facts:\n- ${two[0]}\n- ${two[1]}\n`],
    ['as a numbered list', `1. ${two[0]}\n2) ${two[1]}\n`],
    ['in what broke off in the middle', `\`\`\`json\n${json.slice(0, -2)}, "The user has a d`],
    [
      'with all kinds of white space and doubled',
      JSON.stringify({ facts: [` The user\n is\tcalled  Ada.\u0000`, two[1], two[1]] }),
    ],
  ])('%s', (_how, text) => {
    expect(parseFacts(text)).toEqual(two)
  })
})

test.each([
  '',
  'Nothing.',
  '{"facts": []}',
  '{"facts": null}',
  '{"facts": ["", " ", "None."]}',
  '- none',
  '{"a": [1]}',
  '5',
  'null',
  '{',
  '"',
])('in %j there are none', (text) => {
  expect(parseFacts(text)).toEqual([])
})

test('there are never too many, and none is too long', () => {
  const facts = Array.from({ length: 50 }, (_, n) => `${n} ${'😀'.repeat(600)}`)
  const found = parseFacts(JSON.stringify({ facts }))
  expect(found).toHaveLength(20)
  expect(found.map((fact) => [...fact].length)).toEqual(found.map(() => 500))
  expect(parseFacts('{"facts": ["half \\ud83d"]}')).toEqual(['half \ufffd'])
})

test('a long text that is no JSON takes no time', () => {
  const startedMs = performance.now()
  for (const text of [
    '{'.repeat(100_000),
    '```'.repeat(50_000),
    `"facts": [${'"\\'.repeat(50_000)}`,
    ' '.repeat(100_000),
  ]) {
    expect(parseFacts(text)).toEqual([])
  }
  expect(performance.now() - startedMs).toBeLessThan(2000)
})

test('a model that goes astray and writes nothing but line ends holds nobody up', () => {
  const startedMs = performance.now()
  expect(parseFacts(`The facts:${'\n'.repeat(256 * 1024)}- likes tea`)).toEqual(['likes tea'])
  expect(parseFacts('\r\n'.repeat(128 * 1024))).toEqual([])
  expect(performance.now() - startedMs).toBeLessThan(1000)
})
