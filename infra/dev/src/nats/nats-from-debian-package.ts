import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Say } from '../say.ts'
import {
  type AptMirror,
  distributionMirror,
  parseDeb822Sources,
  parseOneLineSources,
  sourcesFor,
} from './apt-sources.ts'
import { keepNatsInCache } from './nats-in-cache.ts'
import type { NatsProgram } from './nats-program.ts'
import { isNewEnough, natsVersion } from './nats-version.ts'

const run = promisify(execFile)

/** Suites that may hold a newer nats-server than the one the machine runs on. */
const newerSuites: Record<string, readonly string[]> = { debian: ['trixie', 'sid'], ubuntu: ['devel'] }

/** The first package, of the machine's own release or a newer one, that is new enough. */
export async function natsFromDebianPackage(say: Say): Promise<NatsProgram | undefined> {
  const machine = aptMachine()
  if (machine === undefined) return undefined
  for (const suite of [machine.codename, ...machine.newerSuites]) {
    const program = await natsFromSuite(suite, say)
    if (program) return program
  }
  return undefined
}

/** Fetches the package of one suite with apt and unpacks it, under a folder of our own: the system stays as it is. */
export async function natsFromSuite(suite: string, say: Say): Promise<NatsProgram | undefined> {
  const machine = aptMachine()
  if (machine === undefined) return undefined
  say(`asking ${new URL(machine.mirror.uri).host} for the nats-server package of ${suite}`)
  const folder = mkdtempSync(join(tmpdir(), 'spool-apt-'))
  try {
    const apt = privateApt(folder, machine.mirror, suite)
    await apt('update')
    const offered = await apt('--print-uris', 'download', 'nats-server')
    const packageVersion = decodeURIComponent(offered.match(/nats-server_([^_\s]+)_/)?.[1] ?? '')
    if (!isNewEnough(packageVersion)) {
      say(`${suite} has nats-server ${packageVersion}, which is too old`)
      return undefined
    }
    say(`downloading nats-server ${packageVersion} (${suite}) and unpacking it into the cache`)
    await apt('download', 'nats-server')
    return await unpack(folder, suite)
  } catch (error) {
    say(`no nats-server from ${suite}: ${lastLine(error)}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function unpack(folder: string, suite: string): Promise<NatsProgram | undefined> {
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))!
  await run('dpkg', ['-x', join(folder, archive), join(folder, 'unpacked')])
  const binary = ['usr/sbin', 'usr/bin']
    .map((bin) => join(folder, 'unpacked', bin, 'nats-server'))
    .find((path) => existsSync(path))
  const version = binary && (await natsVersion(binary))
  if (!binary || !version || !isNewEnough(version)) return undefined
  return keepNatsInCache(version, `from the package of ${suite}`, (incoming) =>
    copyFileSync(binary, join(incoming, 'nats-server')),
  )
}

/** apt-get with its lists, cache and settings in a folder of ours. Signatures are checked as ever. */
function privateApt(folder: string, mirror: AptMirror, suite: string): (...args: string[]) => Promise<string> {
  for (const part of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'status'), '')
  writeFileSync(join(folder, 'spool.sources'), sourcesFor(mirror, suite))
  const settings = [
    `Dir::State=${folder}/state`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::SourceList=${folder}/spool.sources`,
    'Dir::Etc::SourceParts=/dev/null',
    'Dir::Etc::Preferences=/dev/null',
    'Dir::Etc::PreferencesParts=/dev/null',
    'Acquire::Languages=none',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    // As root, apt downloads as its own user, who may not enter this folder.
    'APT::Sandbox::User=root',
  ]
  const options = settings.flatMap((setting) => ['-o', setting])
  return async (...args) =>
    (await run('apt-get', ['-qq', ...options, ...args], { cwd: folder, maxBuffer: 1 << 24 })).stdout
}

interface AptMachine {
  codename: string
  mirror: AptMirror
  newerSuites: readonly string[]
}

function aptMachine(): AptMachine | undefined {
  const release = readIfThere('/etc/os-release')
  const codename = release.match(/^VERSION_CODENAME="?(\w+)/m)?.[1]
  const distribution = release.match(/^ID="?(\w+)/m)?.[1] ?? ''
  const mirror = codename && distributionMirror(configuredMirrors(), codename)
  if (!codename || !mirror) return undefined
  const suites = (newerSuites[distribution] ?? []).filter((suite) => suite !== codename)
  return { codename, mirror, newerSuites: suites }
}

function configuredMirrors(): AptMirror[] {
  const parts = '/etc/apt/sources.list.d'
  const files = existsSync(parts) ? readdirSync(parts).toSorted() : []
  return [
    ...parseOneLineSources(readIfThere('/etc/apt/sources.list')),
    ...files
      .filter((file) => file.endsWith('.sources'))
      .flatMap((file) => parseDeb822Sources(readIfThere(join(parts, file)))),
    ...files
      .filter((file) => file.endsWith('.list'))
      .flatMap((file) => parseOneLineSources(readIfThere(join(parts, file)))),
  ]
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error && error.stderr ? String(error.stderr) : String(error)
  return text.trim().split('\n').at(-1) ?? ''
}
