import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { installOnce } from './install-once.ts'

function cache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-install-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function halfAFill(incoming: string): Promise<void> {
  writeFileSync(join(incoming, 'half'), '')
  throw new Error('connection lost')
}

test('of many who fill a folder at the same time one wins, and it is whole', async () => {
  const parent = cache()
  const folder = join(parent, 'program')
  const install = (name: string) =>
    installOnce(folder, async (incoming) => {
      writeFileSync(join(incoming, 'first'), name)
      await setImmediate()
      writeFileSync(join(incoming, 'second'), name)
    })
  await Promise.all(['a', 'b', 'c'].map(install))
  expect(readdirSync(parent)).toEqual(['program'])
  expect(readFileSync(join(folder, 'first'), 'utf8')).toBe(readFileSync(join(folder, 'second'), 'utf8'))
})

test('a fill that fails leaves nothing, and the next one succeeds', async () => {
  const parent = cache()
  const folder = join(parent, 'program')
  await expect(installOnce(folder, halfAFill)).rejects.toThrow('connection lost')
  expect(readdirSync(parent)).toEqual([])
  await installOnce(folder, (incoming) => writeFileSync(join(incoming, 'whole'), ''))
  expect(readdirSync(folder)).toEqual(['whole'])
})
