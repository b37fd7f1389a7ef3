import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@spool/dev'
import { natsFromBinary, type RunningNats } from './start-nats.ts'

export interface RunningNatsCluster {
  readonly urls: string[]
  /** All of them, parted by commas. */
  readonly url: string
  readonly nodes: RunningNats[]
  stop(): Promise<void>
}

const formedWithinMs = 20_000

/** A JetStream cluster, ready when every node has joined and streams with three replicas can be made. */
export async function startNatsCluster(
  options: { nodes?: number; binary?: string | undefined } = {},
): Promise<RunningNatsCluster> {
  const count = options.nodes ?? 3
  const name = `test-${randomBytes(4).toString('hex')}`
  const clusterPorts = await Promise.all(Array.from({ length: count }, () => freePort()))
  const routes = clusterPorts.map((port) => `nats://127.0.0.1:${port}`)
  const nodes = await Promise.all(
    clusterPorts.map((port, index) =>
      natsFromBinary({ binary: options.binary, name: `${name}-${index + 1}`, cluster: { name, port, routes } }),
    ),
  )
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    await formed(nodes)
  } catch (error) {
    await stop()
    throw error
  }
  const urls = nodes.map(({ url }) => url)
  return { urls, url: urls.join(','), nodes, stop }
}

/** Only the leader of the whole cluster answers, and it needs every node to place as many replicas: so ask for them. */
async function formed(nodes: readonly RunningNats[]): Promise<void> {
  const giveUpAt = Date.now() + formedWithinMs
  const stream = { name: 'formed', subjects: ['formed.probe'], num_replicas: nodes.length, storage: 'memory' }
  let answer = 'nothing'
  while (Date.now() < giveUpAt) {
    answer = await request(nodes[0]!.port, '$JS.API.STREAM.CREATE.formed', JSON.stringify(stream))
    if (answer.includes('"did_create":true') || answer.includes('"config"')) {
      await request(nodes[0]!.port, '$JS.API.STREAM.DELETE.formed', '')
      return
    }
    await delay(25)
  }
  throw new Error(`The cluster was not formed within ${formedWithinMs / 1000} s; its last answer: ${answer}`)
}

/** One request in the NATS protocol, by hand: only @spool/log imports a NATS client. */
function request(port: number, subject: string, body: string): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = () => {
      socket.destroy()
      resolve(received)
    }
    socket.setTimeout(2_000, finish)
    socket.on('error', finish).on('data', (chunk) => {
      received += chunk.toString()
      if (/^MSG .*\r\n.+\r\n/m.test(received)) finish()
    })
    const inbox = `_INBOX.${randomBytes(8).toString('hex')}`
    const payload = `${Buffer.byteLength(body)}\r\n${body}\r\n`
    socket.write(`CONNECT {"verbose":false}\r\nSUB ${inbox} 1\r\nPUB ${subject} ${inbox} ${payload}`)
  })
}
