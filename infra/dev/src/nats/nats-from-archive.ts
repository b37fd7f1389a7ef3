import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../folders/cache-folder.ts'
import type { Say } from '../say.ts'
import { WrongChecksum } from './wrong-checksum.ts'
import { keepNatsInCache } from './nats-in-cache.ts'
import type { NatsProgram } from './nats-program.ts'
import { natsVersion } from './nats-version.ts'

const run = promisify(execFile)

export interface NatsArchive {
  version: string
  /** SHA-256 by `<os>-<cpu>`, as release archives are named. */
  sha256: Readonly<Record<string, string>>
}

export const pinnedNatsArchive: NatsArchive = {
  version: '2.14.5',
  sha256: {
    'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
    'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
  },
}

const defaultBaseAddress = 'https://github.com/nats-io/nats-server/releases/download'
const timeoutMs = 5_000

export interface ArchiveOptions {
  archive?: NatsArchive
  baseAddress?: string | undefined
  cache?: string
}

/**
 * The official release archive. A site that cannot be reached is no failure, there are other ways to get a server;
 * an archive whose checksum is not the pinned one is, and nothing of it is unpacked.
 */
export async function natsFromArchive(say: Say, options: ArchiveOptions = {}): Promise<NatsProgram | undefined> {
  const { archive = pinnedNatsArchive, cache = cacheFolder() } = options
  const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const expected = archive.sha256[system]
  if (expected === undefined) return undefined
  const name = `nats-server-v${archive.version}-${system}`
  const base = (options.baseAddress ?? process.env['SPOOL_NATS_DOWNLOAD_BASE'] ?? defaultBaseAddress).replace(/\/$/, '')
  const address = `${base}/v${archive.version}/${name}.tar.gz`
  say(`downloading ${address}`)
  const bytes = await download(address, say)
  if (bytes === undefined) return undefined
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual !== expected) throw new WrongChecksum(address, expected, actual)
  return unpack(bytes, name, archive.version, cache)
}

async function download(address: string, say: Say): Promise<Buffer | undefined> {
  try {
    const connected = new AbortController()
    // The limit is for a silent site; a slow line may take longer over the archive's 7 MB as long as bytes keep coming.
    const timer = setTimeout(() => connected.abort(), timeoutMs)
    const response = await fetch(address, { signal: connected.signal })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body!) {
      timer.refresh()
      chunks.push(chunk)
    }
    clearTimeout(timer)
    return Buffer.concat(chunks)
  } catch (error) {
    say(`the download did not work (${reasonOf(error)})`)
    return undefined
  }
}

async function unpack(bytes: Buffer, name: string, version: string, cache: string): Promise<NatsProgram | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'spool-nats-'))
  try {
    writeFileSync(join(folder, 'archive.tar.gz'), bytes)
    await run('tar', ['-xzf', 'archive.tar.gz', `${name}/nats-server`], { cwd: folder })
    const binary = join(folder, name, 'nats-server')
    if ((await natsVersion(binary)) !== version) return undefined
    const origin = 'from the release archive'
    return await keepNatsInCache(
      version,
      origin,
      (incoming) => copyFileSync(binary, join(incoming, 'nats-server')),
      cache,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError') return `no answer within ${timeoutMs / 1000} s`
  return error.cause instanceof Error ? error.cause.message : error.message
}
