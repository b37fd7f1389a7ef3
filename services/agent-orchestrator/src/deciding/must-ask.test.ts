import { AgentCatalogue, type AgentSettings, builtInAgents } from '@spool/config'
import { expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'
import type { Tool } from '../tools/tool.ts'
import { Toolbox } from '../tools/toolbox.ts'

const tool = (name: string): Tool => ({
  name,
  description: '',
  inputSchema: { type: 'object' },
  repeatable: true,
  timeoutMs: 1000,
  maxOutputBytes: 1000,
  asksFirst: false,
  problemOf: () => null,
  run: () => Promise.resolve(null),
})

test('where all tools of an MCP server are to ask, each of them asks, and no other', () => {
  const agent: AgentSettings = {
    ...builtInAgents(600)[0]!,
    tools: ['mail__*', 'mailing'],
    confirmation: { mode: 'tools', tools: ['mail__*'], timeoutSeconds: 300 },
  }
  const toolbox = new Toolbox([{ tools: () => ['mail__send', 'mailing'].map(tool) }])
  const played = new PlayedSession(new AgentCatalogue([agent]), toolbox)
  played.start('r1', { agent: agent.id })
  played.answer('', { name: 'mail__send', input: {} }, { name: 'mailing', input: {} })
  expect(played.state.calls).toMatchObject([{ name: 'mailing' }])
  expect(played.state.question).toMatchObject({ kind: 'tool', tasks: [{ tool: 'mail__send' }] })
})
