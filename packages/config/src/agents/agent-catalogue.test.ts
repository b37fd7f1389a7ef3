import { expect, test } from 'vitest'
import { AgentCatalogue } from './agent-catalogue.ts'
import type { AgentSettings } from './agent-settings.ts'
import { builtInAgents } from './built-in-agents.ts'

const [plain] = builtInAgents(60) as [AgentSettings]
const agent = (id: string, ...tenants: string[]): AgentSettings => ({
  ...plain,
  id,
  tenants: tenants.length > 0 ? tenants : null,
})

test('an agent of other tenants does not exist', () => {
  const agents = new AgentCatalogue([agent('acme-only', 'acme'), agent('all'), agent('two', 'acme', 'beta')])
  const listed = (tenant: string) => agents.list(tenant).map(({ id }) => id)
  expect(listed('acme')).toEqual(['acme-only', 'all', 'two'])
  expect(listed('beta')).toEqual(['all', 'two'])
  expect(listed('gamma')).toEqual(['all'])
  expect(agents.find('two', 'beta')?.id).toBe('two')
  expect(agents.find('two', 'gamma')).toBeUndefined()
})

test('the default is the one that is named, else the first, of those that the tenant may use', () => {
  const inOrder = [agent('acme-only', 'acme'), agent('all'), agent('beta-only', 'beta')]
  const first = new AgentCatalogue(inOrder)
  expect(['acme', 'beta'].map((tenant) => first.byDefaultFor(tenant)?.id)).toEqual(['acme-only', 'all'])
  const named = new AgentCatalogue(inOrder, 'beta-only')
  expect(['acme', 'beta'].map((tenant) => named.byDefaultFor(tenant)?.id)).toEqual(['acme-only', 'beta-only'])
  expect(new AgentCatalogue([agent('x', 'acme')]).byDefaultFor('beta')).toBeUndefined()
})
