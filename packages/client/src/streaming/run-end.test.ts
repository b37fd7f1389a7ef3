import { expect, test } from 'vitest'
import { RunEnd } from './run-end.ts'

const event = (type: string, more: Record<string, unknown> = {}) => ({
  cursor: '1-1',
  type,
  session: 's',
  seq: 1,
  prev: 0,
  run: 'r',
  ...more,
})

test('without memory the end is the last event', () => {
  const end = new RunEnd('r')
  expect(end.isLast(event('run.started'))).toBe(false)
  expect(end.isLast(event('run.completed', { run: 'other' }))).toBe(false)
  expect(end.isLast(event('run.completed'))).toBe(true)
})

test('with memory on, the end is not the last event', () => {
  const end = new RunEnd('r')
  end.isLast(event('run.started', { memory: 'on' }))
  expect(end.isLast(event('run.cancelled'))).toBe(false)
  expect(end.isLast(event('memory.progress'))).toBe(false)
  expect(end.isLast(event('memory.failed'))).toBe(true)
})

test('who has not seen the beginning cannot tell', () => {
  expect(new RunEnd('r').isLast(event('run.completed'))).toBe(false)
})

test('a run that was refused while it waited has no memory to wait for', () => {
  const end = new RunEnd('r')
  end.isLast(event('run.queued', { memory: 'on' }))
  expect(end.isLast(event('run.failed'))).toBe(true)
})
