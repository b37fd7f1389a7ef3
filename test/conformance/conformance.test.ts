import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { agentConformance } from './agent.ts'
import { chatConformance } from './chat.ts'
import { confirmationConformance } from './confirmation.ts'
import { plannerConformance } from './planner.ts'
import { type AgentsFile, writeAgentsFile } from './support/agents.ts'
import { storeFrozen } from './store-frozen.ts'
import type { Target } from './support/target.ts'

const KEEP_ALIVE_MS = 150

let spool: SpoolUnderTest
let agents: AgentsFile
beforeAll(async () => {
  agents = writeAgentsFile()
  spool = await startSpool({ env: { ...agents.env, SPOOL_KEEP_ALIVE_MS: String(KEEP_ALIVE_MS) } })
})
afterAll(async () => {
  await spool?.stop()
  agents.remove()
})

const target = (): Target => ({ url: spool.url, key: spool.key, keepAliveMs: KEEP_ALIVE_MS })

describe('confirmation over one chat endpoint', () => confirmationConformance(target))

// Much of these waits: for a heartbeat, for a question's deadline, for clients to start.
describe.concurrent('chat with [DONE]', () => chatConformance(target))

describe.concurrent('planner', () => plannerConformance(target))

describe.concurrent('agent with memory', () => agentConformance(target))

describe('a store that is away', () => storeFrozen(target, () => spool))
