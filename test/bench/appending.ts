import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Appending {
  natsUrl: string
  /** 0: as fast as it goes. */
  perSecond: number
  events: number
  tokensPerEvent: number
  /** 300 by default. */
  sessions?: number
}

export interface Appended {
  events: number
  seconds: number
}

/** What models stream into many sessions at once, from a process of its own. Resolves with what it has appended. */
export async function append(appending: Appending): Promise<Appended> {
  const child = fork(fileURLToPath(new URL('appending-process.ts', import.meta.url)), [JSON.stringify(appending)])
  const ended = once(child, 'exit').then(() => {
    throw new Error('The load ended before it was through.')
  })
  const appended = once(child, 'message').then(([message]) => message as Appended)
  return Promise.race([appended, ended])
}
