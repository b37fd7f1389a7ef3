import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { restartWhenConfigChanges } from '../src/watching/restart-when-config-changes.ts'
import { folderForTest, hearing, isAlive, launchForTest } from './launching.ts'
import { standInPlan } from './stand-ins/plan.ts'

const routeTo = (model: string, keyEnv: string) =>
  `models: { default: [{ provider: openai, model: ${model}, key_env: ${keyEnv} }] }`

/** What a process was given; a stand-in does not tell. */
const environmentOf = (pid: number | undefined) =>
  new Map(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  )

test.runIf(process.platform === 'linux')(
  'the services that read the file of models run again with what it says, and a mistake leaves them as they are',
  async () => {
    const file = join(folderForTest(), 'models.yaml')
    writeFileSync(file, routeTo('one', 'FIRST_KEY'))
    const env = { SPOOL_CONFIG: file, FIRST_KEY: 'key-1', SECOND_KEY: 'key-2' }
    const output = hearing()
    const spool = await launchForTest({ env, output, plan: standInPlan })
    expect(output.facts).toMatchObject([{ models: `default = openai/one (${file})` }])
    const gateway = spool.pidOf('gateway-1')
    const first = spool.pidOf('llm-proxy-1')
    expect(environmentOf(first).get('FIRST_KEY')).toBe('key-1')
    onTestFinished(restartWhenConfigChanges(env, spool, output))

    writeFileSync(file, 'models: { default: nothing }')
    await expect.poll(() => output.lines.join('\n'), { timeout: 5_000 }).toContain('models.default: must be a list')
    expect(spool.pidOf('llm-proxy-1')).toBe(first)

    writeFileSync(file, routeTo('two', 'SECOND_KEY'))
    const second = () => (spool.pidOf('llm-proxy-1') === first ? undefined : spool.pidOf('llm-proxy-1'))
    await expect.poll(() => isAlive(second()), { timeout: 5_000 }).toBe(true)
    expect(environmentOf(second()).get('SECOND_KEY')).toBe('key-2')
    expect(spool.pidOf('gateway-1')).toBe(gateway)
    expect(output.lines).toContainEqual(
      expect.stringContaining(`models: default = openai/two (${file}); agents: demo, `),
    )
    rmSync(file)
    await expect.poll(() => output.lines.join('\n'), { timeout: 5_000 }).toContain('is not there')
  },
)
