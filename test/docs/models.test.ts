import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModels } from '@spool/config'
import { expect, onTestFinished, test } from 'vitest'
import { parseDemoModel } from '../../services/llm-proxy/src/providers/demo/demo-model.ts'
import { bare } from './bare.ts'
import { routeTable } from './route-table.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const reference = read('docs/models.md')

test.each(routeTable())('the reference of models has the field %s', (row) => {
  expect(bare(reference)).toContain(bare(row))
})

const examples = ['README.md', 'docs/models.md'].flatMap((path) =>
  [...read(path).matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => [path, example] as const),
)

test.each(examples)('an example of %s can be used as it stands:\n%s', (_, example) => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'spool.config.yaml'), example)
  expect(loadModels({}, { folder }).knows('default')).toBe(true)
})

test('there is an example for each provider', () => {
  for (const provider of ['openai', 'azure', 'anthropic', 'google', 'ollama', 'openai-compatible'])
    expect(reference).toMatch(new RegExp(`- provider: ${provider}\n`))
})

test('each demo model of the reference is there', () => {
  const names = [...reference.matchAll(/^\| `(demo[^`]*)`/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(6)
  for (const name of names) expect(parseDemoModel(name), name).toBeDefined()
})
