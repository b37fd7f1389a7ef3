import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { loadModels, type LoadModelsOptions } from '../../src/models/load-models.ts'
import { ModelsInvalid } from '../../src/models/models-invalid.ts'

/** A folder of its own, with this as its `spool.config.yaml`. */
export function folderWith(text?: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-models-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (text !== undefined) writeFileSync(join(folder, 'spool.config.yaml'), text)
  return folder
}

export const modelsOf = (text: string, env: Record<string, string> = {}, options: LoadModelsOptions = {}) =>
  loadModels(env, { folder: folderWith(text), ...options })

/** What is wrong with a file: `line  path: problem` of each. */
export function problemsOf(
  text: string | Uint8Array,
  env: Record<string, string> = {},
  options: LoadModelsOptions = {},
): string[] {
  const folder = folderWith(text)
  try {
    loadModels(env, { folder, ...options })
  } catch (error) {
    if (!(error instanceof ModelsInvalid)) throw error
    expect(error.code).toBe('models_invalid')
    const [head, ...lines] = error.message.split('\n')
    expect(head).toBe('The models cannot be used:')
    expect(lines.pop()).toContain('docs/models.md')
    return lines.map((line) => line.replace(`  ${join(folder, 'spool.config.yaml')}`, '').replace(/^:/, ''))
  }
  return []
}
