import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Harm } from './fault.ts'
import { pidOf, signal } from './processes.ts'

/** `nats` or `postgres`; the launcher starts it again. */
export const killServer: Harm = async (system, { targets: [server = 'nats'] }) => {
  const killed = signal(system, server, 'SIGKILL')
  while ([undefined, killed].includes(pidOf(system, server))) await sleep(20)
  while (!(await isListening(Number(system.spool.ports[server])))) await sleep(20)
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
