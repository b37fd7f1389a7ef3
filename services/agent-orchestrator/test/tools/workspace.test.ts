import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { workspaceLimits } from '../../src/tools/built-in/workspace/workspace-limits.ts'
import { workspaceRead } from '../../src/tools/built-in/workspace/workspace-read.ts'
import { workspaceWrite } from '../../src/tools/built-in/workspace/workspace-write.ts'
import { Workspaces } from '../../src/tools/built-in/workspace/workspaces.ts'
import { toolContext } from '../support/tool-context.ts'

let base: string
/** Of the session of the fake context. */
let own: string
let outside: string
let workspaces: Workspaces

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'spool-workspaces-'))
  workspaces = new Workspaces(join(base, 'workspaces'))
  own = join(base, 'workspaces/acme/s1')
  outside = join(base, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'secret'), 'secret')
})

afterEach(() => rm(base, { recursive: true, force: true }))

const write = async (path: string, content: string, more: object = {}, limits = workspaceLimits) =>
  workspaceWrite(workspaces, limits).run({ path, content, ...more }, toolContext())
const read = async (path: string, context = toolContext()) =>
  (await workspaceRead(workspaces).run({ path }, context)) as { content?: string; entries?: { name: string }[] }
const refusal = (code: string) => expect.objectContaining({ name: 'ToolError', code })

test('what is written can be read, replaced, added to and listed', async () => {
  expect(await write('notes/été/plan.md', 'one\n')).toEqual({ path: 'notes/été/plan.md', bytes: 4 })
  expect(await write('notes/été/plan.md', 'two\n')).toMatchObject({ bytes: 4 })
  expect(await write('./notes//été/plan.md', '三\n', { append: true })).toMatchObject({ bytes: 8 })
  expect(await write('empty', '', { append: true })).toMatchObject({ bytes: 0 })
  expect(await read('notes/été/plan.md')).toEqual({ path: 'notes/été/plan.md', content: 'two\n三\n' })
  expect(await read('.')).toEqual({
    path: '.',
    entries: [
      { name: 'empty', kind: 'file', bytes: 0 },
      { name: 'notes', kind: 'folder' },
    ],
  })
  expect(await read('notes/été')).toMatchObject({ entries: [{ name: 'plan.md', kind: 'file', bytes: 8 }] })
})

test('each session has a folder of its own', async () => {
  await write('mine', 'mine')
  for (const ref of [
    { tenant: 'acme', session: 's2' },
    { tenant: 'other', session: 's1' },
  ]) {
    await expect(read('mine', toolContext({ ref }))).rejects.toEqual(refusal('not_found'))
  }
  await expect(read('.', toolContext({ ref: { tenant: '..', session: 'outside' } }))).rejects.toThrow('no valid id')
})

test.each(['../x', 'a/../../x', '/etc/passwd', 'a\0b', '..', 'a\\b', 'x'.repeat(256), ''])(
  'the path %j is refused before anything is touched',
  (path) => {
    expect(workspaceRead(workspaces).problemOf({ path })).toMatch(/^path: /)
    expect(workspaceWrite(workspaces).problemOf({ path, content: '' })).toMatch(/^path: /)
  },
)

test('the folder itself is no file to write', () => {
  expect(workspaceWrite(workspaces).problemOf({ path: './', content: '' })).toBe('path: must name a file')
})

test('no link is followed, at the end of a path or on its way', async () => {
  await write('a/b', 'b')
  await symlink(join(outside, 'secret'), join(own, 'link'))
  await symlink(outside, join(own, 'folder'))
  await symlink('/proc/self/environ', join(own, 'environ'))
  await symlink('.', join(own, 'here'))
  for (const path of ['link', 'folder', 'folder/secret', 'environ', 'here/a/b', 'here', 'link/x']) {
    await expect(read(path)).rejects.toEqual(expect.objectContaining({ name: 'ToolError' }))
  }
  await expect(write('folder/new', 'x')).rejects.toEqual(refusal('not_a_folder'))
  await expect(write('link', 'x', { append: true })).rejects.toEqual(refusal('is_a_link'))
  // A link is replaced like a file: what it leads to stays as it is.
  await write('link', 'mine')
  expect(await read('link')).toMatchObject({ content: 'mine' })
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
  expect(await readdir(outside)).toEqual(['secret'])
})

const ignore = () => false

test('a folder that becomes a link while it is written to leads nowhere else', async () => {
  await write('folder/first', 'x')
  await symlink(outside, join(own, 'leading-out'))
  const ended = new AbortController()
  const swapping = (async () => {
    const [folder, kept, leadingOut] = ['folder', 'kept', 'leading-out'].map((name) => join(own, name)) as [
      string,
      string,
      string,
    ]
    while (!ended.signal.aborted) {
      await rm(kept, { recursive: true, force: true }).catch(ignore)
      await rename(folder, kept).catch(ignore)
      // Fails where the folder was made anew in between.
      const isLink = await rename(leadingOut, folder).then(() => true, ignore)
      if (isLink) await rename(folder, leadingOut)
      await mkdir(folder).catch(ignore)
    }
  })()
  let written = 0
  for (let attempt = 0; attempt < 150; attempt += 1) {
    await write('folder/new', `${attempt}`, { append: attempt % 2 === 0 }).then(
      () => (written += 1),
      () => undefined,
    )
    const found = await read('folder/secret').catch(() => undefined)
    expect(found).toBeUndefined()
  }
  ended.abort()
  await swapping
  expect(written).toBeGreaterThan(0)
  expect(await readdir(outside)).toEqual(['secret'])
})

test('what is neither file nor folder is refused, without waiting for it', async () => {
  await write('a', 'a')
  execFileSync('mkfifo', [join(own, 'fifo')])
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(own, 'socket'), resolve))
  await expect(read('fifo')).rejects.toEqual(refusal('not_a_file'))
  await expect(write('fifo', 'x', { append: true })).rejects.toEqual(refusal('not_a_file'))
  await expect(read('socket')).rejects.toEqual(refusal('not_a_file'))
  expect(await read('.')).toMatchObject({
    entries: [{ kind: 'file' }, { name: 'fifo', kind: 'other' }, { name: 'socket', kind: 'other' }],
  })
  server.close()
})

test('a folder is no file, a file no folder, and what is not there is told', async () => {
  await write('folder/file', 'x')
  await expect(write('folder', 'x')).rejects.toEqual(refusal('is_a_folder'))
  await expect(write('folder', 'x', { append: true })).rejects.toEqual(refusal('is_a_folder'))
  await expect(write('folder/file/x', 'x')).rejects.toEqual(refusal('not_a_folder'))
  await expect(read('folder/file/x')).rejects.toEqual(refusal('not_a_folder'))
  await expect(read('nothing')).rejects.toEqual(refusal('not_found'))
  // A draft that could not take the place is not left lying about.
  expect(await readdir(own)).toEqual(['folder'])
})

test('only text of at most 1 MiB is read', async () => {
  await write('a', 'a')
  await writeFile(join(own, 'binary'), Buffer.from([0xff, 0xfe, 0x00]))
  await writeFile(join(own, 'large'), 'x'.repeat(1024 * 1024 + 1))
  await expect(read('binary')).rejects.toEqual(refusal('not_text'))
  await expect(read('large')).rejects.toEqual(refusal('too_large'))
})

test('a file, their number and all together are limited', async () => {
  const limits = { ...workspaceLimits, maxFileBytes: 10, maxEntries: 5, maxBytes: 20 }
  const limited = (path: string, content: string, more = {}) => write(path, content, more, limits)
  await expect(limited('a', 'ééééééé')).rejects.toEqual(refusal('too_large'))
  await limited('a', 'x'.repeat(10))
  await expect(limited('a', 'x', { append: true })).rejects.toEqual(refusal('too_large'))
  await limited('b', 'x'.repeat(10))
  await expect(limited('c', 'x')).rejects.toEqual(refusal('folder_full'))
  await limited('b', '')
  await expect(limited('d/d/d/d', '')).rejects.toEqual(refusal('folder_full'))
  await limited('c/c/c', '')
  await expect(limited('d', '')).rejects.toEqual(refusal('folder_full'))
  await expect(write('d/'.repeat(32).concat('d'), 'x')).rejects.toEqual(refusal('path_invalid'))
})

test('what was put there by others counts, however deep, and loops of links end', async () => {
  await write('a', 'a')
  await mkdir(join(own, 'd/'.repeat(40)), { recursive: true })
  await expect(write('b', 'b')).rejects.toEqual(refusal('folder_full'))
  await rm(join(own, 'd'), { recursive: true })
  await symlink('.', join(own, 'loop'))
  await link(join(own, 'a'), join(own, 'second'))
  await write('b', 'b')
})

test('another may not even look into it', async () => {
  await write('folder/a', 'a')
  await chmod(own, 0o700)
  for (const path of ['', 'folder', 'folder/a']) expect((await stat(join(own, path))).mode & 0o077).toBe(0)
  expect((await stat(join(base, 'workspaces'))).mode & 0o077).toBe(0)
})

const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )

describe('removing the folder of a session', () => {
  const ref = { tenant: 'acme', session: 's1' }
  test('takes all that is in it, and nothing that it leads to', async () => {
    await write('a/b/c', 'x')
    await write('other', 'x', {}, workspaceLimits)
    await workspaceWrite(workspaces).run(
      { path: 'kept', content: 'x' },
      toolContext({ ref: { ...ref, session: 's2' } }),
    )
    await symlink(outside, join(own, 'a/out'))
    await symlink(join(outside, 'secret'), join(own, 'link'))
    execFileSync('mkfifo', [join(own, 'fifo')])
    await writeFile(Buffer.concat([Buffer.from(`${own}/`), Buffer.from([0xff, 0xfe])]), 'x')
    await mkdir(Buffer.concat([Buffer.from(`${own}/a/`), Buffer.from([0xff, 0xfd])]))
    await workspaces.remove(ref)
    expect(await isThere(own)).toBe(false)
    expect(await readdir(outside)).toEqual(['secret'])
    expect(await readdir(join(base, 'workspaces/acme'))).toEqual(['s2'])
    await workspaces.remove(ref)
    await workspaces.remove({ tenant: 'nobody', session: 's1' })
    await new Workspaces(join(base, 'nowhere')).remove(ref)
    await expect(workspaces.remove({ tenant: '..', session: 'outside' })).rejects.toThrow('no valid id')
  })

  test('is not kept from it by folders that are locked or deeper than a path can be', async () => {
    await write('a/b/c', 'x')
    execFileSync(
      'sh',
      ['-c', 'for i in $(seq 30); do mkdir $0 && cd -P $0 || exit 1; done; touch file', 'd'.repeat(200)],
      {
        cwd: own,
      },
    )
    await chmod(join(own, 'a/b'), 0o000)
    await chmod(join(own, 'a'), 0o500)
    await chmod(own, 0o000)
    await workspaces.remove(ref)
    expect(await isThere(own)).toBe(false)
  })

  test('removes a link that stands in its place, and follows none, not even in the place of the tenant', async () => {
    await mkdir(join(base, 'workspaces/acme'), { recursive: true })
    await symlink(outside, own)
    await workspaces.remove(ref)
    await symlink(outside, join(base, 'workspaces/other'))
    await mkdir(join(outside, 's1'))
    await workspaces.remove({ tenant: 'other', session: 's1' }).catch(ignore)
    expect(await readdir(outside)).toEqual(['s1', 'secret'])
  })

  test('leads nowhere else while somebody swaps its folders for links', async () => {
    await mkdir(join(outside, 'folder'))
    const ended = new AbortController()
    const swapping = (async () => {
      while (!ended.signal.aborted) {
        const folder = join(own, 'folder')
        await mkdir(join(folder, 'folder'), { recursive: true }).catch(ignore)
        await writeFile(join(folder, 'secret'), 'mine').catch(ignore)
        await rename(folder, join(own, 'aside')).catch(ignore)
        await symlink(outside, folder).catch(ignore)
      }
    })()
    for (let attempt = 0; attempt < 100; attempt += 1) await workspaces.remove(ref)
    ended.abort()
    await swapping
    await workspaces.remove(ref)
    expect(await isThere(own)).toBe(false)
    expect(await readdir(outside)).toEqual(['folder', 'secret'])
  })
})
