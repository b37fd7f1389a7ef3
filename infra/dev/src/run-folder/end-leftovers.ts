import { setTimeout as delay } from 'node:timers/promises'
import { fastShutdown } from '../postgres/postgres-process.ts'
import { type Identity, isStillRunning } from './identity.ts'
import type { RunFolder } from './run-folder.ts'

const askedToEndMs = 5_000

/** Ends what a launcher that was killed left running, so that nobody else writes to the data we are about to use. */
export async function endLeftovers(runFolder: RunFolder): Promise<string[]> {
  const leftovers = [...runFolder.processes]
  const running = leftovers.filter(([, identity]) => isStillRunning(identity))
  await Promise.all(running.map(([name, identity]) => end(identity, name === 'postgres' ? fastShutdown : 'SIGTERM')))
  for (const [name] of leftovers) runFolder.ended(name)
  return running.map(([name]) => name)
}

async function end(identity: Identity, signal: NodeJS.Signals): Promise<void> {
  const giveUpAt = Date.now() + askedToEndMs
  send(identity, signal)
  // One that is stopped cannot hear.
  send(identity, 'SIGCONT')
  let killed = false
  while (isStillRunning(identity)) {
    if (!killed && Date.now() > giveUpAt) {
      send(identity, 'SIGKILL')
      killed = true
    }
    await delay(20)
  }
}

function send({ pid }: Identity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in this very moment.
  }
}
