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

test('says what is missing where something is set that is not enough', () => {
  expect(lineOf({ AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine' })).toBe(
    'the demo model; azure is not used: AZURE_API_KEY, AZURE_RESOURCE_NAME are set, but not AZURE_DEPLOYMENT',
  )
  expect(lineOf({ OPENAI_MODEL: 'm', OLLAMA_HOST: 'box' })).toBe(
    'default = ollama/llama3.2; openai is not used: OPENAI_MODEL is set, but not OPENAI_API_KEY or OPENAI_BASE_URL',
  )
})

test('white space is no key', () => {
  expect(lineOf({ OPENAI_API_KEY: '   ' })).toMatch(/^the demo model/)
})
