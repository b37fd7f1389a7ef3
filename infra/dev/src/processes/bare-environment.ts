/**
 * For programs that are not ours: no secret of the caller, and nothing that would set them differently here than there,
 * such as a PGTZ or an LC_ALL.
 */
export const bareEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C' })
