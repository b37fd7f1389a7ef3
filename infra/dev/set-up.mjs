// What comes before anything of ours can run: packages, Node 24, a build. Runs on the machine's own Node (20 or newer)
// with nothing installed, so it is plain JavaScript without dependencies.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const oldestNode = 20
const runtimeNode = 24
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']
const installMark = join(root, 'node_modules/.spool-installed')
const buildMark = join(root, 'node_modules/.spool-built')

/**
 * Installs and builds what is not up to date.
 * @param {(what: string, durationMs: number) => void} done is told of each step that had something to do
 * @param {(line: string) => void} say is told of what is being done
 * @returns {Promise<string>} the Node to run everything with
 */
export async function setUp(done, say) {
  if (majorOf(process.version) < oldestNode) {
    throw new SetUpProblem(
      `Node ${process.version} is too old. Install Node ${oldestNode} or newer (https://nodejs.org).`,
    )
  }
  await install(done, say)
  const node = findNode()
  await build(node, done, say)
  return node
}

export class SetUpProblem extends Error {}

async function install(done, say) {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'))
  // Another system or processor has other platform packages.
  const wanted = createHash('sha256').update(lockfile).update(`${process.platform}-${process.arch}`).digest('hex')
  if (existsSync(installMark) && readFileSync(installMark, 'utf8') === wanted) return
  const since = performance.now()
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  say(`installing packages with ${packageManager}`)
  // The pin is obeyed by npx; pnpm would want to write it into the lockfile, which is frozen.
  const args = ['--yes', packageManager, 'install', '--frozen-lockfile', '--pm-on-fail=ignore']
  await run('npx', args, { CI: '1' }, 'The packages could not be installed')
  writeFileSync(installMark, wanted)
  done('packages installed', performance.now() - since)
}

/** The platform packages carry the binary; pnpm links the one for this machine. */
export function findNode() {
  const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]
  const binary = packages.map((name) => join(root, 'node_modules', name, 'bin/node')).find((path) => existsSync(path))
  if (binary !== undefined) return binary
  if (majorOf(process.version) >= runtimeNode) return process.execPath
  throw new SetUpProblem(
    `There is no package with Node ${runtimeNode} for ${process.platform}-${process.arch}. Install Node ${runtimeNode} on this machine.`,
  )
}

async function build(node, done, say) {
  const newestSource = newestIn(sourceFolders())
  if (existsSync(buildMark) && isBuilt() && statSync(buildMark).mtimeMs > newestSource) return
  const since = performance.now()
  say('building')
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  // What is saved while we build is newer than the mark.
  const startedAt = new Date()
  await run(node, [compiler, '-b'], {}, 'The build failed')
  writeFileSync(buildMark, '')
  utimesSync(buildMark, startedAt, startedAt)
  done('built', performance.now() - since)
}

const projects = () =>
  ['packages', 'services', 'infra'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(root, group, name))
      .filter((folder) => existsSync(join(folder, 'tsconfig.json'))),
  )

const isBuilt = () => projects().every((folder) => existsSync(join(folder, 'dist/.tsbuildinfo')))

const sourceFolders = () => [
  installMark,
  join(root, 'tsconfig.base.json'),
  ...projects().flatMap((folder) => [join(folder, 'src'), join(folder, 'tsconfig.json'), join(folder, 'package.json')]),
]

/** When anything below was last written. A folder's own time tells of files that were deleted. */
function newestIn(paths) {
  let newest = 0
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) continue
    newest = Math.max(newest, stat.mtimeMs)
    if (stat.isDirectory()) newest = Math.max(newest, newestIn(readdirSync(path).map((name) => join(path, name))))
  }
  return newest
}

const majorOf = (version) => Number(/\d+/.exec(version)[0])

function run(command, args, env, whenItFails) {
  return new Promise((resolve, reject) => {
    // A group of its own: npx starts others, and whoever stops us stops all of them.
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Shown when it fails; otherwise a person who waits has the steps to look at.
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const stop = () => process.kill(-child.pid, 'SIGTERM')
    for (const signal of stopSignals) process.on(signal, stop)
    child.on('error', (error) => reject(new SetUpProblem(`${whenItFails}: ${error.message}`)))
    child.on('close', (code) => {
      for (const signal of stopSignals) process.off(signal, stop)
      if (code === 0) resolve()
      else reject(new SetUpProblem(`${whenItFails}.\n${output.trim()}`))
    })
  })
}
