import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { genAiAttributes } from '../../packages/telemetry/src/gen-ai.ts'
import { attributes } from '../../packages/telemetry/src/names.ts'
import { bare } from './bare.ts'
import { metricRows } from './metric-tables.ts'

const reference = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8')

test.each(metricRows())('the reference of telemetry has the metric %s', (row) => {
  expect(bare(reference)).toContain(bare(row))
})

test('it has no metric that nobody records', () => {
  const [, table = ''] = reference.split('\n## Metrics\n')
  const [metrics = ''] = table.split('\n## ')
  const named = [...metrics.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)
  expect(named).toHaveLength(metricRows().length)
})

test.each(Object.values({ ...attributes, ...genAiAttributes }))('it names the attribute %s', (name) => {
  expect(reference).toContain(`\`${name}\``)
})
