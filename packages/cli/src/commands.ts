import type { ListedCommand } from './command.ts'

/**
 * In the order in which `spool --help` lists them. Each is imported when it is asked for, so that none waits for what
 * another one needs.
 */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'chat',
    summary: 'talk to an agent in the terminal',
    load: async () => (await import('./chatting/chat.ts')).chat,
  },
  {
    name: 'tail',
    summary: 'follow a session in the terminal',
    load: async () => (await import('./tailing/tail.ts')).tail,
  },
  {
    name: 'replay',
    summary: 'play a session again at its recorded pace, in the terminal or for a client under test',
    load: async () => (await import('./replaying/replay.ts')).replay,
  },
  {
    name: 'show',
    summary: 'the conversation as it stands, or stood',
    load: async () => (await import('./showing/show.ts')).show,
  },
  {
    name: 'verify',
    summary: 'compare the log, what is stored and the snapshots; name the first difference',
    load: async () => (await import('./verifying/verify.ts')).verify,
  },
  {
    name: 'rebuild',
    summary: 'compute all snapshots again from the events, while the system runs',
    load: async () => (await import('./rebuilding/rebuild.ts')).rebuild,
  },
  {
    name: 'export',
    summary: 'a session or a tenant as JSON Lines',
    load: async () => (await import('./exporting/export.ts')).exporting,
  },
  {
    name: 'import',
    summary: 'check such a file and bring in what it holds',
    load: async () => (await import('./importing/import.ts')).importing,
  },
  {
    name: 'log',
    summary: 'the streams, how far they are stored; repair after a lost disk',
    load: async () => (await import('./log/log.ts')).log,
  },
  {
    name: 'jobs',
    summary: 'what waits and what is being worked on; requeue, drop',
    load: async () => (await import('./jobs/jobs.ts')).jobs,
  },
  {
    name: 'keys',
    summary: 'create, list and revoke API keys',
    load: async () => (await import('./keys/keys.ts')).keys,
  },
]
