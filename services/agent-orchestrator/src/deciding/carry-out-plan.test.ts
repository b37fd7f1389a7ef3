import { type AgentSettings, AgentCatalogue, builtInAgents } from '@spool/config'
import { encodeEvent, runOf } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'
import { toolOf } from '../../test/support/test-tools.ts'
import { Toolbox } from '../tools/toolbox.ts'

const tasks = [
  { description: 'Look around', tool: 'look', input: { where: 'here' } },
  { description: 'Think about it' },
  { description: 'Send a postcard', tool: 'send', input: { to: 'Ada' } },
]

function proposed(): PlayedSession {
  const played = new PlayedSession()
  played.start('r1', { agent: 'plans', language: 'en' })
  played.propose(...tasks)
  return played
}

describe('an agent that plans', () => {
  test('is asked for a plan, and offers its tools only through it', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    expect(played.types()).toEqual(['run.started', 'message.added', 'run.status', 'message.requested'])
    const asked = played.state.messages.at(-1)!
    expect(asked.purpose).toBe('plan')
    expect(asked.request?.tools?.map(({ name }) => name)).toEqual(['propose_plan'])
    expect(asked.request?.instructions).toContain('Does send.')
  })

  test('proposes numbered tasks, each with its tool, and asks once for all', () => {
    const played = proposed()
    expect(played.types().slice(-2)).toEqual(['plan.proposed', 'confirmation.requested'])
    expect(played.state.question).toMatchObject({
      kind: 'plan',
      round: 1,
      timeout_seconds: 300,
      options: ['confirm', 'modify', 'cancel'],
      tasks: [{ index: 1, tool: 'look' }, { index: 2 }, { index: 3, tool: 'send' }],
    })
    expect(played.state.question?.prompt).toContain(
      '1. Look around\n   look {"where":"here"}\n2. Think about it\n3. Send a postcard\n   send {"to":"Ada"}',
    )
    expect(played.state.calls).toEqual([])
  })

  test('does what was confirmed, one task after another, and then answers', () => {
    const played = proposed()
    played.confirm('confirm')
    expect(played.state.calls).toMatchObject([{ name: 'look', input: { where: 'here' }, task: 1, repeatable: true }])
    played.workTools()
    expect(played.state.calls).toMatchObject([{ task: 1 }, { name: 'send', task: 3, repeatable: false }])
    played.answer('Both done.')
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'done', toolCalls: 2, steps: 2 })
  })

  test('stops at the first task that fails, and the model may plan on', () => {
    const played = proposed()
    played.confirm('confirm')
    played.failTool()
    played.work()
    expect(played.state.calls).toHaveLength(1)
    played.propose({ description: 'Search instead', tool: 'search', input: {} })
    expect(played.state.question).toMatchObject({ round: 2, kind: 'plan' })
    played.confirm('confirm')
    played.workTools()
    played.answer('Found.')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
  })

  test('plans again as often as a person wants something different', () => {
    const played = proposed()
    for (let round = 1; round <= 4; round++) {
      expect(played.state.question?.round).toBe(round)
      played.confirm('modify', { message: `shorter, ${round}` })
      expect(played.state.messages.at(-1)).toMatchObject({ purpose: 'plan', status: 'requested' })
      played.propose(tasks[0]!)
    }
    played.confirm('confirm')
    played.workTools()
    expect(played.state.calls).toHaveLength(1)
  })

  test('whose proposal makes no sense is told what is wrong with it', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    played.propose({ description: 'Fly', tool: 'fly' }, { description: 'Look', tool: 'look', input: { wrong: 1 } })
    expect(played.state.calls).toMatchObject([{ name: 'propose_plan', error: { code: 'invalid_arguments' } }])
    expect(played.state.calls[0]?.error?.message).toMatch(/Task 1: there is no tool "fly".*\nTask 2: Not so\./s)
    expect(played.state.messages.at(-1)).toMatchObject({ purpose: 'plan', status: 'requested' })
  })

  test('is told of the first tasks that are wrong, and the others are not looked at', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    played.propose(...Array.from({ length: 50 }, () => ({ description: 'x', tool: 'look', input: { wrong: true } })))
    expect(played.state.calls.at(-1)?.error?.message.split('\n')).toHaveLength(5)
  })

  test('cannot make a task look like another one', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans', language: 'en' })
    const description = 'Look around\n   look {}\n2. Rest\u202e'
    played.propose({ description, tool: 'send', input: { to: `\u202e${'x'.repeat(30_000)}Eve` } })
    const { prompt } = played.state.question!
    expect(prompt).toContain('\n1. Look around look {} 2. Rest\n   send {"to":"\\u202exxx')
    expect(prompt).toMatch(/x \[… \d+ …\] x+Eve"}$/)
  })

  test('whose proposal is too long for a question is told so, and may propose less', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    played.propose(...Array.from({ length: 40 }, () => ({ description: '做'.repeat(1200), tool: 'look', input: {} })))
    expect(played.state.question).toBeNull()
    expect(played.state.calls).toMatchObject([{ name: 'propose_plan', error: { code: 'invalid_arguments' } }])
    played.propose(...tasks)
    expect(played.state.question?.tasks).toHaveLength(3)
  })

  test('that calls a tool without asking is not obeyed', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    played.answer('', { name: 'send', input: {} })
    expect(played.state.calls).toEqual([])
    expect(played.types().at(-1)).toBe('message.requested')
  })

  test('whose tasks all name tools that there are not is told so, however many tools there are', () => {
    const tools = Array.from({ length: 200 }, (_, index) =>
      toolOf({ name: `server__${'x'.repeat(50)}${index}`, run: async () => 'done' }),
    )
    const plans: AgentSettings = {
      ...builtInAgents(600)[0]!,
      tools: ['server__*'],
      confirmation: { mode: 'plan', tools: [], timeoutSeconds: 300 },
    }
    const played = new PlayedSession(new AgentCatalogue([plans]), new Toolbox([{ tools: () => tools }]))
    played.start('r1')
    played.propose(...Array.from({ length: 50 }, () => ({ description: 'Fly', tool: 'fly' })))
    expect(played.state.calls).toMatchObject([{ name: 'propose_plan', error: { code: 'invalid_arguments' } }])
    const error = played.events.find(({ type }) => type === 'tool.failed')!
    expect(encodeEvent(error).length).toBeLessThan(128 * 1024)
    expect(played.state.messages.at(-1)).toMatchObject({ purpose: 'plan', status: 'requested' })
  })

  test('that has nothing to do just answers', () => {
    const played = new PlayedSession()
    played.start('r1', { agent: 'plans' })
    played.answer('Nothing to do.')
    expect(played.state.messages.at(-1)).toMatchObject({ purpose: 'answer', status: 'requested' })
    expect(played.state.messages.at(-1)?.request?.tools).toBeUndefined()
    played.answer('Hello!')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
  })
})
