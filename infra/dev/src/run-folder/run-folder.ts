import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Identity, identify, isIdentity } from './identity.ts'

/**
 * `<SPOOL_DATA>/run`: what runs at the moment, for scripts and for the next launcher.
 * `<name>.pid` holds nothing but the process id; `processes.json` also tells whether it is still the same process.
 */
export class RunFolder {
  readonly path: string
  readonly #processes: Map<string, Identity>

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true })
    this.#processes = readProcesses(this.#processesFile)
  }

  get processes(): ReadonlyMap<string, Identity> {
    return this.#processes
  }

  started(name: string, pid: number): void {
    writeFileSync(this.#pidFile(name), `${pid}\n`)
    this.#processes.set(name, identify(pid))
    this.#writeProcesses()
  }

  ended(name: string): void {
    rmSync(this.#pidFile(name), { force: true })
    this.#processes.delete(name)
    this.#writeProcesses()
  }

  writePorts(ports: object): void {
    replaceFile(join(this.path, 'ports.json'), `${JSON.stringify(ports, null, 2)}\n`)
  }

  /** How to reach it all, key included: for `spool` on the command line of the same user. */
  writeConnections(connections: object): void {
    replaceFile(join(this.path, 'connections.json'), `${JSON.stringify(connections, null, 2)}\n`, 0o600)
  }

  removePorts(): void {
    for (const name of ['ports.json', 'connections.json']) rmSync(join(this.path, name), { force: true })
  }

  #writeProcesses(): void {
    replaceFile(this.#processesFile, JSON.stringify(Object.fromEntries(this.#processes)))
  }

  #pidFile(name: string): string {
    return join(this.path, `${name}.pid`)
  }

  get #processesFile(): string {
    return join(this.path, 'processes.json')
  }
}

function readProcesses(file: string): Map<string, Identity> {
  try {
    const processes: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'))
    return new Map(Object.entries(processes).filter((entry): entry is [string, Identity] => isIdentity(entry[1])))
  } catch {
    return new Map()
  }
}

/** A reader sees the old file or the new one, never half of it. */
function replaceFile(file: string, text: string, mode?: number): void {
  writeFileSync(`${file}.new`, text, { mode })
  renameSync(`${file}.new`, file)
}
