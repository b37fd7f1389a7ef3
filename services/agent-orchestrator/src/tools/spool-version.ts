import { createRequire } from 'node:module'

/** What others are told that they are spoken to by. */
export const spoolVersion: string = createRequire(import.meta.url)('../../package.json').version
