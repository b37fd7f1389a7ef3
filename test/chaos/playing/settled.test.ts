import { expect, test } from 'vitest'
import { Story } from '../../../packages/events/test/story.ts'
import { isSettled } from './settled.ts'

test('a session is settled once its run has ended and nothing is written any more', () => {
  const story = new Story().ask('r1', 'Hello?')
  expect(isSettled(story.state)).toBe(false)
  story.request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'Hi').close('r1', 'm1')
  expect(isSettled(story.state)).toBe(false)
  story.end('r1')
  expect(isSettled(story.state)).toBe(true)
})

test('a summary whose run was cancelled is still written, and still to be taken up', () => {
  const story = new Story().ask('r1', 'Hello?').request('r1', 's1', { purpose: 'summary', up_to: '1-2' })
  story.generate('r1', 's1').stream('r1', 's1', 'They said hello.')
  story.say('run.cancelled', { run: 'r1', by: 'u', reason: 'user' })
  expect(isSettled(story.state)).toBe(false)
  story.close('r1', 's1')
  expect(isSettled(story.state)).toBe(false)
  story.say('session.summarised', { run: 'r1', up_to: '1-2', text: 'They said hello.', messages: 1 })
  expect(isSettled(story.state)).toBe(true)
})

test('a summary that came to nothing is waited for by nobody', () => {
  const story = new Story().ask('r1', 'Hello?').request('r1', 's1', { purpose: 'summary', up_to: '1-2' })
  story.generate('r1', 's1').say('run.cancelled', { run: 'r1', by: 'u', reason: 'user' })
  story.close('r1', 's1', { status: 'partial', reason: 'cancelled' })
  expect(isSettled(story.state)).toBe(true)
})

test('a memory is waited for after its run, until it is known', () => {
  const story = new Story().ask('r1', 'I like tea.', { memory: 'on' }).end('r1')
  expect(isSettled(story.state)).toBe(false)
  story.write('r1', 'k1', 'Likes tea.', { purpose: 'memory' })
  expect(isSettled(story.state)).toBe(false)
  story.say('memory.failed', { run: 'r1', error: { code: 'internal', message: 'x' } })
  expect(isSettled(story.state)).toBe(true)
})
