import { createServer } from 'node:net'
import { freePort } from '../free-port.ts'
import { hasCode } from '../has-code.ts'
import { LaunchProblem } from './launch-problem.ts'

const highestPort = 65_535

/** PORT for the first gateway and the next ones for the others; all of them must be free. 0 stands for any. */
export async function gatewayPorts(host: string, first: number, copies: number): Promise<number[]> {
  if (first === 0) return Promise.all(Array.from({ length: copies }, () => freePort(host)))
  const ports = Array.from({ length: copies }, (_, index) => first + index)
  for (const port of ports) {
    if (port > highestPort)
      throw new LaunchProblem(`There is no port ${port} for the last gateway. Choose a lower PORT.`)
    const problem = await problemWith(host, port)
    if (problem) throw new LaunchProblem(`${problem} Choose another one, for example: PORT=${first + 100} npm start`)
  }
  return ports
}

function problemWith(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(describe(error, host, port)))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}

function describe(error: Error, host: string, port: number): string {
  if (hasCode(error, 'EADDRINUSE')) return `Port ${port} on ${host} is in use by another program.`
  if (hasCode(error, 'EACCES')) return `This user may not listen on port ${port}.`
  if (hasCode(error, 'EADDRNOTAVAIL') || hasCode(error, 'ENOTFOUND'))
    return `This machine has no address ${host} (HOST).`
  return `The gateway cannot listen on ${host}:${port} (${error.message}).`
}
