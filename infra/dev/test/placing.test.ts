import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { canUse } from '../src/folders/can-use.ts'
import { reachableProgram } from '../src/folders/reachable-program.ts'
import { serversFolder } from '../src/folders/servers-folder.ts'
import { unprivilegedUser } from '../src/folders/unprivileged-user.ts'
import { folderForTest, hearing, launchForTest } from './launching.ts'

const asRoot = process.getuid?.() === 0

test('a user may use what it can read at the end of folders it can enter', () => {
  const user = { uid: 65534, gid: 65534 }
  const folder = folderForTest()
  const inner = join(folder, 'inner')
  mkdirSync(inner, { mode: 0o755 })
  expect(canUse(user, inner)).toBe(true)
  expect(canUse(user, join(inner, 'not-yet-there'))).toBe(true)
  chmodSync(folder, 0o700)
  expect(canUse(user, inner)).toBe(false)
  expect(canUse(undefined, inner)).toBe(true)
})

describe.runIf(asRoot)('as root', () => {
  test('a program below such a folder is copied, once, to where its user can run it', async () => {
    const closed = mkdtempSync(join(homedir(), 'spool-closed-'))
    onTestFinished(() => rmSync(closed, { recursive: true, force: true }))
    mkdirSync(join(closed, 'native'))
    writeFileSync(join(closed, 'native/program'), 'echo', { mode: 0o700 })
    symlinkSync('program', join(closed, 'native/link'))
    const user = { uid: 65534, gid: 65534 }
    const copy = await reachableProgram(join(closed, 'native'), user)
    onTestFinished(() => rmSync(dirname(copy), { recursive: true, force: true }))
    expect(canUse(user, join(copy, 'program'))).toBe(true)
    expect(readlinkSync(join(copy, 'link'))).toBe('program')
    expect(await reachableProgram(join(closed, 'native'), user)).toBe(copy)
    expect(await reachableProgram(join(closed, 'native'), undefined)).toBe(join(closed, 'native'))
  })

  test('data that has an owner goes on belonging to them', () => {
    const folder = folderForTest()
    chownSync(folder, 12_345, 12_345)
    expect(unprivilegedUser(folder)).toEqual({ uid: 12_345, gid: 12_345 })
  })

  test('below a folder only root may enter, the servers keep their data elsewhere, and find it again', async () => {
    const closed = mkdtempSync(join(homedir(), 'spool-closed-'))
    onTestFinished(() => rmSync(closed, { recursive: true, force: true }))
    expect(statSync(closed).mode & 0o777).toBe(0o700)
    const dataFolder = join(closed, '.spool')
    const output = hearing()
    const spool = await launchForTest({ env: { SPOOL_DATA: dataFolder }, output })
    const elsewhere = realpathSync(join(dataFolder, 'servers'))
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
    expect(lstatSync(join(dataFolder, 'servers')).isSymbolicLink()).toBe(true)
    expect(output.facts).toMatchObject([{ dataFolder, serversFolder: elsewhere }])
    expect(statSync(join(elsewhere, 'postgres/PG_VERSION')).uid).not.toBe(0)
    expect(statSync(closed).mode & 0o777).toBe(0o700)
    await spool.stop()
    expect(serversFolder(dataFolder).path).toBe(elsewhere)
    expect(readlinkSync(join(dataFolder, 'servers'))).toBe(elsewhere)
  })
})
