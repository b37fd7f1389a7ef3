import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Resolves when a server on this port has said its first word (NATS does unasked) or, with `silent`, has accepted. */
export async function acceptsConnections(
  port: number,
  { silent }: { silent: boolean },
  limitMs = 20_000,
): Promise<void> {
  const giveUpAt = Date.now() + limitMs
  while (!(await greets(port, silent))) {
    if (Date.now() > giveUpAt) throw new Error(`Nothing answered on port ${port} within ${limitMs / 1000} s.`)
    await delay(25)
  }
}

function greets(port: number, silent: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (greeted: boolean) => {
      socket.destroy()
      resolve(greeted)
    }
    socket.setTimeout(500, () => finish(false))
    socket.on('error', () => finish(false)).on('end', () => finish(false))
    if (silent) socket.on('connect', () => finish(true))
    else socket.on('data', () => finish(true))
  })
}
