import { runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'
import { toolOf } from '../../test/support/test-tools.ts'
import { Toolbox } from '../tools/toolbox.ts'

const look = { name: 'look', input: {} }
const send = { name: 'send', input: { to: 'Ada' } }

describe('the tools that a model calls', () => {
  test('are asked for all at once; when the last is through, the model goes on with the results', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'tools' })
    played.answer('', look, { name: 'search', input: { q: 'x' } })
    expect(played.state.calls.map(({ name, status }) => `${name} ${status}`)).toEqual(['look called', 'search called'])
    expect(played.state.phase).toBe('acting')
    played.beginTool('look')
    played.endTool('seen')
    expect(played.work().kind).toBe('nothing')
    played.workTools('found')
    expect(played.types().slice(-2)).toEqual(['run.status', 'message.requested'])
    played.answer('Done.')
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'done', steps: 2, toolCalls: 2 })
  })

  test('fail without being run where there is no such tool, or its arguments are wrong, and the model hears why', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'tools' })
    played.answer('', { name: 'fly', input: {} }, { name: 'look', input: { wrong: true } })
    expect(played.types()).not.toContain('tool.started')
    expect(played.state.calls).toMatchObject([
      { status: 'failed', outcome: 'failed', error: { code: 'unknown_tool' } },
      { status: 'failed', error: { code: 'invalid_arguments', message: 'Not so.' } },
    ])
    expect(played.types().at(-1)).toBe('message.requested')
  })

  test('that the agent does not have are not there for it', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'demo' })
    played.answer('', look)
    expect(played.state.calls).toMatchObject([{ error: { code: 'unknown_tool' } }])
  })

  test('that fail do not end the run', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'tools' })
    played.answer('', look)
    played.failTool()
    played.work()
    played.answer('It did not work.')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
  })
})

describe('tools that ask first', () => {
  test('ask one after another, while those that need not ask are at work already', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks' })
    played.answer('', send, look, { name: 'shell', input: { command: 'ls' } })
    expect(played.state.calls).toMatchObject([{ name: 'look', status: 'called' }])
    expect(played.state.question).toMatchObject({ kind: 'tool', round: 1, tasks: [{ index: 1, tool: 'send' }] })
    expect(played.state.phase).toBe('awaiting_confirmation')
    played.confirm('confirm')
    expect(played.state.calls).toMatchObject([{ name: 'look' }, { name: 'send', input: { to: 'Ada' } }])
    expect(played.state.question).toMatchObject({ tasks: [{ tool: 'shell' }] })
    played.confirm('confirm')
    played.workTools()
    played.answer('All done.')
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'done', toolCalls: 3 })
  })

  test('run with the arguments that the person changed; the old and the new are kept', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks' })
    played.answer('', send)
    played.confirm('modify', { input: { to: 'Grace' } })
    expect(played.state.calls).toMatchObject([{ name: 'send', input: { to: 'Grace' } }])
    expect(played.state.questions.at(-1)!.resolution).toMatchObject({
      action: 'modify',
      input_before: { to: 'Ada' },
      input_after: { to: 'Grace' },
      by: 'ada',
      via: 'http',
    })
  })

  test('do not run where the person says what should be different, and the next question is of the next round', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks' })
    played.answer('', send)
    played.confirm('modify', { message: 'write to Grace instead' })
    expect(played.state.calls).toEqual([])
    expect(played.types().at(-1)).toBe('message.requested')
    played.answer('', { name: 'send', input: { to: 'Grace' } })
    expect(played.state.question).toMatchObject({ round: 2 })
    played.confirm('confirm')
    played.workTools()
    played.answer('Sent.')
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'done', toolCalls: 1 })
  })

  test('are not asked about where their arguments are wrong', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks' })
    played.answer('', { name: 'send', input: { wrong: 1 } })
    expect(played.types()).not.toContain('confirmation.requested')
    expect(played.state.calls).toMatchObject([{ error: { code: 'invalid_arguments' } }])
  })
})

describe('a limit', () => {
  test('of tool calls ends the run when those at work are through', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'limited' })
    played.answer('A moment. ', look, look, look)
    expect(played.state.calls).toHaveLength(2)
    expect(runOf(played.state, 'r1')?.status).toBe('active')
    played.workTools()
    expect(played.events.at(-1)).toMatchObject({ type: 'run.completed', status: 'limit', limit: 'tool_calls' })
    expect(played.state.messages.at(-1)?.text).toBe('A moment. ')
  })

  test('of steps ends the run before the model is asked again', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'limited' })
    for (let step = 0; step < 3; step++) played.answer('', { name: 'fly', input: {} })
    expect(played.events.at(-1)).toMatchObject({ type: 'run.completed', status: 'limit' })
  })

  test('of steps or tokens ends the run before anything is done that nobody would be told of', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'limited' })
    for (let step = 0; step < 2; step++) played.answer('', { name: 'fly', input: {} })
    played.answer('I look once more.', look)
    expect(played.events.at(-1)).toMatchObject({ type: 'run.completed', status: 'limit', limit: 'steps' })
    expect(played.state.calls.map(({ name }) => name)).toEqual(['fly', 'fly'])
  })

  test('of time does not count the time in which a person was asked', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'asks', confirmation: { timeout_seconds: 1e6 } })
    played.answer('', send)
    played.nowMs += 500_000_000
    expect(played.work().kind).toBe('nothing')
    played.confirm('confirm')
    played.workTools()
    played.answer('Done.')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
  })

  test('of time cancels a run whose tool is at work', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'tools' })
    played.answer('', send)
    played.beginTool()
    played.nowMs += 601_000
    played.work()
    expect(played.events.at(-1)).toMatchObject({ type: 'run.cancel_requested', reason: 'time_limit' })
    played.nowMs += 600
    played.work()
    expect(played.state.calls).toMatchObject([{ status: 'failed', outcome: 'unknown' }])
    expect(played.events.at(-1)).toMatchObject({ type: 'run.cancelled', reason: 'time_limit' })
  })
})

test('a call that is too long for a question is answered to the model, and nobody is asked', () => {
  const played = new PlayedSession()
  played.start('r1', { agent: 'asks' })
  played.answer('', { name: 'send', input: { text: '"'.repeat(127 * 1024) } })
  expect(played.state.question).toBeNull()
  expect(played.state.calls).toMatchObject([{ name: 'send', attempt: 0, error: { code: 'invalid_arguments' } }])
  expect(played.types().at(-1)).toBe('message.requested')
})

test('the tools of an agent are looked up once for a decision, however many of them are called at once', () => {
  let lookups = 0
  const tools = ['look', 'search'].map((name) => toolOf({ name, run: async () => 'done' }))
  const source = {
    tools() {
      lookups++
      return tools
    },
  }
  const played = new PlayedSession(undefined, new Toolbox([source]))
  played.start('r1', { agent: 'tools' })
  const before = { lookups, events: played.events.length }
  played.answer('', ...Array.from({ length: 40 }, () => look))
  expect(played.state.calls).toHaveLength(40)
  expect(lookups - before.lookups).toBeLessThanOrEqual(played.events.length - before.events)
})

test('a long command is asked about to its end', () => {
  const played = new PlayedSession()
  played.start('r1', { agent: 'asks' })
  played.answer('', { name: 'send', input: { to: `Ada${' '.repeat(10_000)}and Eve` } })
  expect(played.state.question?.prompt).toContain('and Eve')
})
