import { readFileSync, statSync } from 'node:fs'

/** Whom the servers run as when we are root: Postgres refuses to be root, and NATS has no need to be. */
export interface UnprivilegedUser {
  uid: number
  gid: number
}

const nobody: UnprivilegedUser = { uid: 65534, gid: 65534 }

/**
 * Undefined when we are not root: then the servers run as we do.
 * A data folder that belongs to somebody already goes on belonging to them.
 */
export function unprivilegedUser(dataFolder?: string): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = dataFolder === undefined ? undefined : statSync(dataFolder, { throwIfNoEntry: false })
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  return userNamed('nobody') ?? nobody
}

function userNamed(name: string): UnprivilegedUser | undefined {
  try {
    // name:password:uid:gid:…  Postgres looks its user up in there, so the ids must be ones that it lists.
    const entry = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'))
    return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : undefined
  } catch {
    return undefined
  }
}
