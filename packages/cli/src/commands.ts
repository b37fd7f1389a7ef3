import type { Command } from './command.ts'

/** In the order in which `spool --help` lists them. */
export const COMMANDS: readonly Command[] = []
