import { expect, test } from 'vitest'
import { assertReplicates, compareVersions, serverFeatures } from './server-version.ts'

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

test('a cluster needs 2.12.3, a single server does not', () => {
  expect(() => assertReplicates('2.12.2', 3)).toThrow('Run all nodes on 2.12.3 or newer')
  expect(() => assertReplicates('2.12.3', 3)).not.toThrow()
  expect(() => assertReplicates('2.10.27', 1)).not.toThrow()
})
