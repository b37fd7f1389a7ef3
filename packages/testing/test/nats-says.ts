import { once } from 'node:events'
import { connect } from 'node:net'

/** The INFO with which a nats-server greets. */
export async function natsSays(port: number): Promise<Record<string, unknown>> {
  const socket = connect({ port, host: '127.0.0.1' })
  const [greeting] = await once(socket, 'data')
  socket.destroy()
  return JSON.parse(String(greeting).replace(/^INFO /, ''))
}
