import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { moveIntoAccount } from './into-account.ts'

function folderWith(...accounts: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-nats-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const account of accounts)
    mkdirSync(join(folder, 'jetstream', account, 'streams', `of ${account}`), { recursive: true })
  return folder
}

const has = (folder: string, path: string) => existsSync(join(folder, 'jetstream', path))

test('streams of a server without accounts are taken into that of Spool, once', () => {
  const folder = folderWith('$G', '$SYS')
  moveIntoAccount(folder)
  moveIntoAccount(folder)
  expect([has(folder, 'SPOOL/streams/of $G'), has(folder, '$G'), has(folder, '$SYS')]).toEqual([true, false, true])
})

test('streams that Spool has in its account stay what they are', () => {
  const folder = folderWith('$G', 'SPOOL')
  moveIntoAccount(folder)
  expect([has(folder, 'SPOOL/streams/of SPOOL'), has(folder, '$G/streams/of $G')]).toEqual([true, true])
})

test('a folder that is new is left to the server', () => {
  const folder = folderWith()
  moveIntoAccount(folder)
  expect(existsSync(join(folder, 'jetstream'))).toBe(false)
})
