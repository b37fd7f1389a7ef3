import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { explainFullDisk, prepareDataFolder } from './data-folder.ts'

test('a disk without room is named, with what is free and what is needed', () => {
  expect(() => prepareDataFolder(tmpdir(), 1e12)).toThrow(
    /The disk of .* is full: \d+ MB are free, Spool needs 1000000000000 MB/,
  )
})

test('a disk that fills up while a server is started is told as that, other failures as they are', () => {
  const full = explainFullDisk(new Error('FATAL: could not write: No space left on device'), '/data')
  expect(full).toMatchObject({ message: expect.stringContaining('The disk of /data is full') })
  const other = new Error('FATAL: something else')
  expect(explainFullDisk(other, '/data')).toBe(other)
})
