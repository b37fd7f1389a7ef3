import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSpoolConfig, type SpoolConfig } from '@spool/config'
import { onTestFinished } from 'vitest'

export const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The files that a document shows, each with the document's name. */
export const examplesOf = (path: string) =>
  [...read(path).matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => [path, example] as const)

/** What an example says to somebody who has written it into their file. */
export function loadExample(example: string): SpoolConfig {
  const folder = mkdtempSync(join(tmpdir(), 'spool-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'spool.config.yaml'), example)
  return loadSpoolConfig({}, { folder })
}
