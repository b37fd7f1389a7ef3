import { expect, test } from 'vitest'
import { toolNames } from './tool-names.ts'

const named = (...names: string[]) => Object.fromEntries(toolNames('files', names))

test('a tool is called after its server and itself', () => {
  expect(named('read_file', 'list-all')).toStrictEqual({ read_file: 'files__read_file', 'list-all': 'files__list-all' })
})

test('what providers do not take becomes an underscore', () => {
  expect(named('read.file', 'größe')).toStrictEqual({ 'read.file': 'files__read_file', größe: 'files__gr__e' })
})

test('the one that keeps its name is preferred, and the others are told apart, whatever the order', () => {
  const names = named('a.b', 'a_b', 'a b')
  expect(names).toStrictEqual(named('a b', 'a.b', 'a_b'))
  expect(names['a_b']).toBe('files__a_b')
  expect(names['a.b']).toMatch(/^files__a_b_[0-9a-f]{8}$/)
  expect(new Set(Object.values(names)).size).toBe(3)
})

test('a name that is too long is cut, and stays one of its own', () => {
  const names = named(`${'x'.repeat(80)}1`, `${'x'.repeat(80)}2`)
  for (const name of Object.values(names)) expect(name).toMatch(/^files__x+_[0-9a-f]{8}$/)
  expect(Object.values(names).map(({ length }) => length)).toStrictEqual([64, 64])
  expect(new Set(Object.values(names)).size).toBe(2)
})
