import { expect, test } from 'vitest'
import { eventLines, shapeLines } from './event-table.ts'
import { read } from './examples.ts'

const reference = read('docs/log.md')
const lines = reference.split('\n').map((line) => line.trimEnd())

test.each([...eventLines(), ...shapeLines()])('the reference of the log has %s', (line) => {
  expect(lines).toContain(line)
})

const isType = (line: string) => /^- \*\*`[^`]+`\*\* v/.test(line)

test('it has no type of event that is not there', () => {
  expect(lines.filter(isType)).toHaveLength(eventLines().length)
})

test('each type is explained', () => {
  for (const [at, line] of lines.entries()) {
    if (isType(line)) expect(lines[at + 1], line).toMatch(/^ {2}\S.{10,}[.…]$/)
  }
})
