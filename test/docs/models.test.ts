import { expect, test } from 'vitest'
import { routeSchema } from '../../packages/config/src/models/route-schema.ts'
import { parseDemoModel } from '../../services/llm-proxy/src/providers/demo/demo-model.ts'
import { bare } from './bare.ts'
import { examplesOf, loadExample, read } from './examples.ts'
import { fieldTable } from './field-table.ts'

const reference = read('docs/models.md')

test.each(fieldTable(routeSchema))('the reference of models has the field %s', (row) => {
  expect(bare(reference)).toContain(bare(row))
})

test.each(['README.md', 'docs/models.md'].flatMap(examplesOf))(
  'an example of %s can be used as it stands:\n%s',
  (_, example) => {
    expect(loadExample(example).models.knows('default')).toBe(true)
  },
)

test('there is an example for each provider', () => {
  for (const provider of ['openai', 'azure', 'anthropic', 'google', 'ollama', 'openai-compatible'])
    expect(reference).toMatch(new RegExp(`- provider: ${provider}\n`))
})

test('each demo model of the reference is there', () => {
  const names = [...reference.matchAll(/^\| `(demo[^`]*)`/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(6)
  for (const name of names) expect(parseDemoModel(name), name).toBeDefined()
})
