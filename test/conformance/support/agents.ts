import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Agents that need no key and do not dawdle; the names are those of the agents that a deployment without any has. */
const AGENTS = `
agents:
  demo: { model: demo/echo }
  demo-plan:
    model: 'demo/agent?tps=0'
    tools: [demo_wait, demo_postcard, design_document, clock, calculator]
    confirmation: plan
  demo-tools: { model: 'demo/agent?tps=0', tools: [clock, calculator, demo_wait, demo_postcard] }
  demo-memory: { model: 'demo/agent?tps=0', memory: true }
  demo-document: { model: 'demo/agent?tps=0', tools: [design_document] }
  calls: { model: demo/calls, tools: [clock, calculator, demo_wait, demo_postcard, design_document] }
  theirs: { model: demo, tenants: [somebody-else] }
  impatient: { model: 'demo/agent?tps=0', tools: [clock], confirmation: { mode: plan, timeout_seconds: 1 } }
  asks: { model: demo/calls, tools: [clock, demo_postcard], confirmation: { tools: [demo_postcard] } }
`

export interface AgentsFile {
  /** For `startSpool`. */
  readonly env: Readonly<Record<string, string>>
  remove(): void
}

export function writeAgentsFile(): AgentsFile {
  const folder = mkdtempSync(join(tmpdir(), 'spool-conformance-'))
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(file, AGENTS)
  return { env: { SPOOL_CONFIG: file }, remove: () => rmSync(folder, { recursive: true }) }
}
