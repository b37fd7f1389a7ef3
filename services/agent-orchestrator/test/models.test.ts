import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Deployment, newSession } from './support/deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'spool-models-'))
const file = join(folder, 'models.yaml')

let spool: Deployment

beforeAll(async () => {
  writeFileSync(
    file,
    `models:
  default: [{ provider: anthropic, model: m, key_env: A_KEY_THAT_IS_NOT_SET }]
  fast: [{ provider: openai, model: m }]
`,
  )
  spool = await Deployment.start()
  await spool.run('agent-orchestrator', { SPOOL_CONFIG: file })
})
afterAll(async () => {
  await spool?.stop()
  rmSync(folder, { recursive: true })
})

test('without a single key, the models of the file can be asked for, and no others', async () => {
  for (const model of ['default', 'fast', 'demo/echo'])
    expect(await spool.ask(newSession(), { model }), model).toMatchObject({ ok: true })
  for (const model of ['openai', 'gpt-5-mini'])
    expect(await spool.ask(newSession(), { model }), model).toMatchObject({ ok: false, code: 'unknown_model' })
})
