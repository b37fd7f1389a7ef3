import { builtInAgents } from '@spool/config'
import { expect, test } from 'vitest'
import { agentSchema, confirmationSchema, limitsSchema } from '../../packages/config/src/agents/agent-schema.ts'
import { takenToolNames, toolsAlwaysThere, toolsToTurnOn } from '../../packages/config/src/tools/built-in-tools.ts'
import { mcpServerSchema } from '../../packages/config/src/tools/mcp-server-schema.ts'
import {
  httpGetSchema,
  shellSchema,
  webhookSchema,
  workspaceSchema,
} from '../../packages/config/src/tools/tools-schema.ts'
import { bare } from './bare.ts'
import { examplesOf, loadExample, read } from './examples.ts'
import { fieldTable } from './field-table.ts'

const reference = read('docs/agents.md')

const rows = [
  ...fieldTable(agentSchema),
  ...fieldTable(confirmationSchema, 'confirmation.'),
  ...fieldTable(limitsSchema, 'limits.'),
  ...fieldTable(httpGetSchema, 'http_get.'),
  ...fieldTable(workspaceSchema, 'workspace.'),
  ...fieldTable(shellSchema, 'shell.'),
  ...fieldTable(webhookSchema),
  ...fieldTable(mcpServerSchema),
]

test.each(rows)('the reference of agents has the field %s', (row) => {
  expect(bare(reference)).toContain(bare(row))
})

test('it has no field that is not there', () => {
  const shown = [...reference.matchAll(/^\| `([a-z_.]+)` +\|.*\|.*\|.*\|$/gm)]
  expect(shown).toHaveLength(rows.length)
})

test.each(examplesOf('docs/agents.md'))('an example of %s can be used as it stands:\n%s', (_, example) => {
  const { agents } = loadExample(example)
  expect(agents.byDefaultFor('acme')).toBeDefined()
})

test('it names the agents and tools that are built in', () => {
  for (const { id } of builtInAgents(1)) expect(reference).toContain(`| \`${id}\``)
  for (const name of [...toolsAlwaysThere, ...Object.keys(toolsToTurnOn)]) expect(reference).toContain(`\`${name}\``)
  expect(takenToolNames).toContain('propose_plan')
})
