import { expect, test } from 'vitest'
import { spoolPlan } from './plan.ts'
import { serviceEnvironment } from './service-environment.ts'
import { launchSettings } from './settings.ts'

const servers = { natsUrl: 'nats://127.0.0.1:4222', databaseUrl: 'postgres://127.0.0.1/spool' }

function environmentOf(name: string, env: Record<string, string>): NodeJS.ProcessEnv {
  const service = spoolPlan.services.find((one) => one.name === name)!
  const ports = { http: undefined, metrics: 0 }
  return serviceEnvironment(spoolPlan, launchSettings(env), servers, service, `${name}-1`, ports)
}

test('the key of the provider is the proxy’s alone; who starts runs is told only that there is one', () => {
  const env = { OPENAI_API_KEY: 'sk-secret' }
  expect(environmentOf('llm-proxy', env)).toHaveProperty('OPENAI_API_KEY', 'sk-secret')
  expect(environmentOf('agent-orchestrator', env)).toHaveProperty('OPENAI_API_KEY', 'set')
  expect(environmentOf('gateway', env)).not.toHaveProperty('OPENAI_API_KEY')
  expect(environmentOf('agent-orchestrator', {})).not.toHaveProperty('OPENAI_API_KEY')
})
