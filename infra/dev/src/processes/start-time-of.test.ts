import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startTimeOf } from './start-time-of.ts'

test('two processes are told apart, one stays the same, and one that ended is none', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const startedAt = startTimeOf(child.pid!)
  expect(startedAt).toBeDefined()
  expect(startTimeOf(child.pid!)).toBe(startedAt)
  expect(startTimeOf(process.pid)).not.toBe(startedAt)
  child.kill()
  await once(child, 'exit')
  expect(startTimeOf(child.pid!)).toBeUndefined()
})
