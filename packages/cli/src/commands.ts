import type { ListedCommand } from './command.ts'

/**
 * In the order in which `spool --help` lists them. Each is imported when it is asked for, so that none waits for what
 * another one needs:
 *
 *   { name: 'chat', summary: 'talk to an agent', load: async () => (await import('./chatting/chat.ts')).chat },
 */
export const COMMANDS: readonly ListedCommand[] = [
  { name: 'keys', summary: 'create, list and revoke API keys', load: async () => (await import('./keys/keys.ts')).keys },
]
