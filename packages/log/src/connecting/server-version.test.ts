import { expect, test } from 'vitest'
import { compareVersions, serverFeatures } from './server-version.ts'

test('versions are compared by number, not by letter', () => {
  expect(['2.10.0', '2.9.10', 'v2.10.27', '2.14.5-RC.1'].toSorted(compareVersions)).toEqual([
    '2.9.10',
    '2.10.0',
    'v2.10.27',
    '2.14.5-RC.1',
  ])
})

test('reading many events with one request needs 2.11', () => {
  expect(serverFeatures('2.10.27').batchDirectGet).toBe(false)
  expect(serverFeatures('2.11.0').batchDirectGet).toBe(true)
})
