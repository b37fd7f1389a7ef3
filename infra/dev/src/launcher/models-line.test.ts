import { loadModels } from '@spool/config'
import { expect, test } from 'vitest'
import { modelsLine } from './models-line.ts'

const lineOf = (env: Record<string, string>) => modelsLine(loadModels({ SPOOL_CONFIG: 'none', ...env }))

test('says what "default" stands for', () => {
  expect(lineOf({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_MODEL: 'm' })).toBe('default = anthropic/m')
})

test('says how to get another where there is only the demo model', () => {
  expect(lineOf({})).toMatch(/^the demo model \(set OPENAI_API_KEY .*spool\.config\.yaml/)
})
