import type { Owner } from './folder.ts'

/** No account has this one: not even `nobody`, as whom databases run in places, shares anything with it. */
const ID = 64_990

/** Where the service runs as root, the files of sessions belong to somebody who may do nothing else; the shell is them. */
export const sandboxOwner = (): Owner | undefined => (process.getuid?.() === 0 ? { uid: ID, gid: ID } : undefined)
