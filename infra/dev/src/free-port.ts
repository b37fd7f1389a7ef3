import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which systems take the local ports of outgoing connections: a server that is killed finds its
// port free again when it restarts.
const lowestPort = 12_000
const highestPort = 32_000

/** A port nobody listens on, chosen at random so that copies that start at once do not meet. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(lowestPort, highestPort)
    if (await isPortFree(port, host)) return port
  }
  throw new Error(`No free port found between ${lowestPort} and ${highestPort} on ${host}.`)
}

export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
