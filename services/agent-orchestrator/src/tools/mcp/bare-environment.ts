import type { Environment } from '@spool/config'

const harmless = ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER']

/** What a program that others wrote may know of ours: nothing but the usual, and what it was named for. */
export function bareEnvironment(env: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    [...harmless, ...names].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  )
}
