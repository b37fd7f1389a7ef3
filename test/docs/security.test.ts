import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LimitCatalogue, loadLimits } from '@spool/config'
import { newId } from '@spool/events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { limitsOfTenantSchema } from '../../packages/config/src/limits/limits-schema.ts'
import { limitDefaults, openLimitDefaults } from '../../packages/config/src/limits/tenant-limits.ts'
import { startRun } from '../../services/gateway/test/support/http.ts'
import { KEY, startSystem } from '../../services/gateway/test/support/system.ts'
import { until } from '../../services/gateway/test/support/until.ts'
import { bare } from './bare.ts'
import { examplesOf, loadExample, read } from './examples.ts'
import { fieldTable } from './field-table.ts'

const guide = read('docs/security.md')

test('the guide has each limit, with what holds where nothing is said', () => {
  for (const row of fieldTable(limitsOfTenantSchema)) {
    const [, field = '', allowed = '', , description = ''] = row.split('|').map((cell) => cell.trim())
    const name = field.replaceAll('`', '') as keyof typeof limitDefaults
    const cells = [field, allowed, `\`${limitDefaults[name]}\``, `\`${openLimitDefaults[name]}\``, description]
    expect(bare(guide)).toContain(`|${cells.join('|')}|`)
  }
})

test.each(examplesOf('docs/security.md'))('the example of %s says what it looks like:\n%s', (_, example) => {
  expect(loadExample(example)).toBeDefined()
  const folder = mkdtempSync(join(tmpdir(), 'spool-limits-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file.yaml'), example)
  const limits = loadLimits({ SPOOL_CONFIG: join(folder, 'file.yaml') })
  expect(limits.of('acme')).toMatchObject({ requestsPerSecond: 500, streams: 5000, runs: 200, streamMs: 0 })
  expect(limits.of('trial')).toMatchObject({ requestsPerSecond: 5, streams: 10, streamMs: 600_000 })
  expect(limits.of('nobody')).toEqual({ ...new LimitCatalogue().of('nobody'), requestsPerSecond: 500 })
  expect(limits.open).toEqual({ ...new LimitCatalogue().open, runs: 10 })
})

test('the page of the guide follows a session, and goes on where it was once its ticket is over', async () => {
  const system = await startSystem()
  onTestFinished(() => system.stop())
  const session = newId()
  const ticketsMade = () => system.logLines.filter((line) => line.includes('"/v1/tickets"')).length
  // The answer goes on once the page is back.
  system.orchestrator.answers = async function* () {
    yield 'Hello'
    await until(() => ticketsMade() === 2, 'another ticket')
    yield ', world'
  }
  const run = await startRun(system.url, session, { message: 'Hi' })
  const [, snippet = ''] = /```js\n(.*?)```/s.exec(guide) ?? []
  // Once it is cut its ticket is over, as if a minute had passed; the next one is over before it is used.
  const page = `
    const spool = '${system.url}', key = '${KEY}'
    ${snippet.replaceAll('1000', '50')}
    const seen = []
    let tickets = 0
    const stop = follow('${session}', async () => (++tickets === 2 ? 'over' : ticketFor('${session}')), (type, event) => {
      seen.push(event.text ?? type)
      if (type === 'text.delta' && tickets === 1) {
        current.close()
        current.onerror()
      }
      if (type !== 'run.completed') return
      console.log(JSON.stringify({ tickets, seen }))
      stop()
    })`
  const program = `let current; const Real = EventSource; globalThis.EventSource = class extends Real { constructor(url) { super(url); current = this } };${page}`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--experimental-eventsource',
    '--no-warnings',
    '--input-type=module',
    '-e',
    program,
  ])
  await run.over
  const { tickets, seen } = JSON.parse(stdout) as { tickets: number; seen: string[] }
  // The second was refused, and the third goes on.
  expect(tickets).toBe(3)
  expect(seen).toEqual(['run.started', 'Hello', ', world', 'message.completed', 'run.completed'])
})
