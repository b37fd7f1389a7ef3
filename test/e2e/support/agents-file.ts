import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Two that may be repeated, and one that must not. */
export const TOOLS = { look_up: true, send_letter: false, measure: true } as const
export type ToolName = keyof typeof TOOLS

export interface AgentsFile {
  folder: string
  /** For `startSpool`. */
  env: Record<string, string>
}

/** Agents with tools behind webhooks: `clerk` calls what it is told, `planner` asks first; and those of the demo. */
export function writeAgentsFile(worldUrl: string, tokensPerSecond: number, more: readonly string[] = []): AgentsFile {
  const folder = mkdtempSync(join(tmpdir(), 'spool-agents-'))
  const file = join(folder, 'spool.config.yaml')
  const webhooks = Object.entries(TOOLS).map(([name, repeatable]) =>
    [
      `    ${name}:`,
      `      description: Takes so many ms.`,
      `      url: ${worldUrl}/${name}`,
      `      secret_env: OUTSIDE_WORLD_SECRET`,
      `      repeatable: ${repeatable}`,
      `      input_schema: { type: object, properties: { ms: { type: integer } } }`,
    ].join('\n'),
  )
  const tools = `[${Object.keys(TOOLS).join(', ')}]`
  const lines = [
    'agents:',
    `  clerk: { model: 'demo/calls?tps=${tokensPerSecond}', tools: ${tools} }`,
    `  planner: { model: 'demo/agent?tps=${tokensPerSecond}', tools: ${tools}, confirmation: plan }`,
    ...more.map((line) => `  ${line}`),
    'tools:',
    '  webhooks:',
    ...webhooks,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return { folder, env: { SPOOL_CONFIG: file, OUTSIDE_WORLD_SECRET: 'told to nobody' } }
}
