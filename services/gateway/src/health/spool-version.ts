import { createRequire } from 'node:module'

export const spoolVersion: string = createRequire(import.meta.url)('../../package.json').version
