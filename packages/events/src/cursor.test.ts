import { expect, test } from 'vitest'
import { BEGINNING, formatCursor, parseCursor } from './cursor.ts'

test('a cursor is written and read', () => {
  expect(formatCursor({ epoch: 2, seq: 1048213 })).toBe('2-1048213')
  expect(parseCursor('2-1048213')).toStrictEqual({ epoch: 2, seq: 1048213 })
  expect(parseCursor(formatCursor({ epoch: 1, seq: Number.MAX_SAFE_INTEGER }))?.seq).toBe(Number.MAX_SAFE_INTEGER)
})

test('nothing, and 0, mean the beginning', () => {
  expect(parseCursor('')).toBe(BEGINNING)
  expect(parseCursor('0')).toBe(BEGINNING)
  expect(formatCursor(BEGINNING)).toBe('0')
})

test.each([
  '1',
  '-1',
  '1-',
  '-',
  '0-1',
  '1-0',
  '01-1',
  '1-01',
  '1-1-1',
  '+1-1',
  '1--1',
  ' 1-1',
  '1-1 ',
  '1-1\n',
  '1.0-1',
  '1e3-1',
  'a-1',
  '1-x',
  '١-١',
  '00',
  '1-9007199254740992',
  '1-99999999999999999',
  '9999999999-1',
  'null',
])('is strict: %j is malformed', (text) => {
  expect(parseCursor(text)).toBeNull()
})
