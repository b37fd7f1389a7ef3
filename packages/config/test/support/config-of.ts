import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { loadSpoolConfig, type LoadSpoolConfigOptions } from '../../src/load-spool-config.ts'
import { ConfigFileInvalid } from '../../src/file/config-file-invalid.ts'

/** A folder of its own, with this as its `spool.config.yaml`. */
export function folderWith(text?: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (text !== undefined) writeFileSync(join(folder, 'spool.config.yaml'), text)
  return folder
}

export const configOf = (text: string, env: Record<string, string> = {}, options: LoadSpoolConfigOptions = {}) =>
  loadSpoolConfig(env, { folder: folderWith(text), ...options })

export const modelsOf = (text: string, env: Record<string, string> = {}, options: LoadSpoolConfigOptions = {}) =>
  configOf(text, env, options).models

/** What is wrong with a file: `line  path: problem` of each. */
export function problemsOf(
  text: string | Uint8Array,
  env: Record<string, string> = {},
  options: LoadSpoolConfigOptions = {},
): string[] {
  const folder = folderWith(text)
  try {
    loadSpoolConfig(env, { folder, ...options })
  } catch (error) {
    if (!(error instanceof ConfigFileInvalid)) throw error
    expect(error.code).toBe('config_file_invalid')
    const [head, ...lines] = error.message.split('\n')
    expect(head).toBe('The file of models and agents cannot be used:')
    expect(lines.pop()).toContain('docs/models.md')
    return lines.map((line) => line.replace(`  ${join(folder, 'spool.config.yaml')}`, '').replace(/^:/, ''))
  }
  return []
}
