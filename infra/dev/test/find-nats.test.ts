import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findNats, type NatsSource } from '../src/nats/find-nats.ts'
import { type NatsArchive, natsFromArchive } from '../src/nats/nats-from-archive.ts'
import { natsInCache } from '../src/nats/nats-in-cache.ts'
import { natsOnPath } from '../src/nats/nats-on-path.ts'
import { sayNothing } from '../src/say.ts'
import { folderForTest } from './launching.ts'

const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`

const nothing: NatsSource = async () => undefined

/** A program that says it is a nats-server. */
function pretendedNats(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true })
  const binary = join(folder, 'nats-server')
  writeFileSync(binary, `#!/bin/sh\necho 'nats-server: v${version}'\n`)
  chmodSync(binary, 0o755)
  return binary
}

/** A site with a release archive, and the description of it that a caller would pin. */
async function releaseSite(version: string): Promise<{ baseAddress: string; archive: NatsArchive; asked: string[] }> {
  const folder = folderForTest()
  const name = `nats-server-v${version}-${system}`
  pretendedNats(join(folder, name), version)
  execFileSync('tar', ['-czf', 'archive.tar.gz', name], { cwd: folder })
  const bytes = readFileSync(join(folder, 'archive.tar.gz'))
  const asked: string[] = []
  const site = createServer((request, response) => {
    asked.push(request.url!)
    response.end(bytes)
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  onTestFinished(() => void site.close())
  const sha256 = { [system]: createHash('sha256').update(bytes).digest('hex') }
  return {
    baseAddress: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
    archive: { version, sha256 },
    asked,
  }
}

test('a server on PATH is taken only when it is new enough, and an old one is named', async () => {
  const [old, recent] = [folderForTest(), folderForTest()]
  const tooOld = pretendedNats(old, '2.9.10')
  const binary = pretendedNats(recent, '2.10.1')
  const said: string[] = []
  const found = await natsOnPath((line) => said.push(line), { PATH: `${old}:/nowhere:${recent}` })
  expect(found).toEqual({ kind: 'binary', binary, version: '2.10.1', origin: 'on PATH' })
  expect(said).toEqual([`${tooOld} is 2.9.10; Spool needs 2.10.0 or newer`])
})

test('of several in the cache the newest is taken, and none whose download was cut short', async () => {
  const cache = folderForTest()
  pretendedNats(join(cache, 'nats/2.10.27'), '2.10.27')
  pretendedNats(join(cache, 'nats/2.9.10'), '2.9.10')
  pretendedNats(join(cache, 'nats/2.15.1'), '2.15.1')
  writeFileSync(pretendedNats(join(cache, 'nats/2.99.0'), '2.99.0'), 'half a progr')
  pretendedNats(join(cache, 'nats/2.98.0.incoming-12-ab'), '2.98.0')
  expect(await natsInCache(cache)).toMatchObject({ version: '2.15.1', binary: join(cache, 'nats/2.15.1/nats-server') })
})

test('a release archive with the pinned checksum is unpacked into the cache', async () => {
  const { baseAddress, archive, asked } = await releaseSite('2.14.5')
  const cache = folderForTest()
  const found = await natsFromArchive(sayNothing, { archive, baseAddress, cache })
  expect(asked).toEqual([`/v2.14.5/nats-server-v2.14.5-${system}.tar.gz`])
  expect(found).toMatchObject({ version: '2.14.5', origin: 'from the release archive' })
  expect(await natsInCache(cache)).toMatchObject({ version: '2.14.5' })
})

test('a wrong checksum is fatal: nothing is unpacked, and no other way is tried', async () => {
  const { baseAddress, archive } = await releaseSite('2.14.5')
  const cache = folderForTest()
  const wrong = { ...archive, sha256: { [system]: '0'.repeat(64) } }
  let triedAnother = false
  const sources = [
    () => natsFromArchive(sayNothing, { archive: wrong, baseAddress, cache }),
    async () => void (triedAnother = true),
  ]
  await expect(findNats(sayNothing, sources)).rejects.toThrow(/checksum .* is wrong. Expected SHA-256 0{64}/)
  expect(triedAnother).toBe(false)
  expect(existsSync(join(cache, 'nats'))).toBe(false)
})

test('a site that cannot be reached is said and passed over', async () => {
  const said: string[] = []
  const archive = { version: '2.14.5', sha256: { [system]: '0'.repeat(64) } }
  const options = { archive, baseAddress: 'http://127.0.0.1:1', cache: folderForTest() }
  expect(await natsFromArchive((line) => said.push(line), options)).toBeUndefined()
  expect(said.at(-1)).toMatch(/did not work/)
})

test('first starts at the same time end with one whole program in the cache', async () => {
  const { baseAddress, archive } = await releaseSite('2.14.5')
  const cache = folderForTest()
  const found = await Promise.all(
    Array.from({ length: 5 }, () => natsFromArchive(sayNothing, { archive, baseAddress, cache })),
  )
  expect(new Set(found.map((program) => program?.version))).toEqual(new Set(['2.14.5']))
  expect(readdirSync(join(cache, 'nats'))).toEqual(['2.14.5'])
})

test('when there is none anywhere, the message names every way to get one', async () => {
  await expect(findNats(sayNothing, [nothing, nothing])).rejects.toThrow(
    /PATH[^]*SPOOL_NATS_DOWNLOAD_BASE[^]*Debian[^]*Docker[^]*NATS_URL/,
  )
})
