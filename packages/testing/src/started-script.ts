import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { installOnce, requireScripts, spoolPlan } from '@spool/dev'
import { asShipped } from './as-shipped.ts'

const { root, migrate, services } = spoolPlan
const bundles = join(root, 'node_modules/.spool-bundled')

/** What was started from a bundle may be started again from it, so long after the last time. */
const unusedMs = 60 * 60_000

/**
 * The file to start a built script of the services from, e.g. `services/gateway/dist/main.js`: a bundle of it and of all
 * that it imports, made once for each build. Loading two thousand modules takes most of a service's first second, and a
 * test run starts three hundred.
 */
export async function startedScript(script: string): Promise<string> {
  if (asShipped()) return join(root, script)
  requireScripts(spoolPlan)
  const folder = join(bundles, buildKey())
  if (!installed.has(folder)) installed.set(folder, installOnce(folder, fill))
  await installed.get(folder)
  const now = new Date()
  utimesSync(folder, now, now)
  return join(folder, `${nameOf(script)}.mjs`)
}

const installed = new Map<string, Promise<string>>()

async function fill(incoming: string): Promise<void> {
  const { writeBundles } = await import('./write-bundles.ts')
  const scripts = [...services.map((service) => service.script), ...(migrate === undefined ? [] : [migrate])]
  await writeBundles(new Map(scripts.map((script) => [nameOf(script), join(root, script)])), incoming)
  removeUnused()
}

const nameOf = (script: string) => script.replaceAll('/', '-').replace(/\.js$/, '')

/** Another for each build: the compiler writes its notes whenever it writes anything else. */
function buildKey(): string {
  const key = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const group of ['packages', 'services', 'infra'])
    for (const name of readdirSync(join(root, group)).toSorted()) {
      const stat = statSync(join(root, group, name, 'dist/.tsbuildinfo'), { throwIfNoEntry: false })
      if (stat) key.update(`${name} ${stat.mtimeMs} ${stat.size}\n`)
    }
  return key.digest('hex').slice(0, 16)
}

function removeUnused(): void {
  for (const name of readdirSync(bundles)) {
    const stat = statSync(join(bundles, name), { throwIfNoEntry: false })
    if (stat && Date.now() - stat.mtimeMs > unusedMs) rmSync(join(bundles, name), { recursive: true, force: true })
  }
}
