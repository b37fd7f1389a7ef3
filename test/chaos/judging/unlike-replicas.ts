import { createHash, type Hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Bus } from '@spool/log'

/** What one server has of a stream. */
export interface Copy {
  readonly messages: number
  readonly digest: string
}

interface Kept {
  readonly seq: number
  readonly subject: string
  readonly data: Uint8Array
  readonly headers?: { keys(): string[]; values(key: string): string[] } | undefined
}

const FOUND_WITHIN_MS = 60_000
const AT_ONCE = 5_000

/** Each server has the same of the log, and there are as many as there should be. */
export async function unlikeReplicas(natsUrl: string, servers: number): Promise<string[]> {
  const bus = await Bus.connect({ servers: natsUrl, name: 'judge' })
  try {
    const found = await serversOf(bus, 'LOG')
    if (found.length !== servers) return [`the log lies on ${found.length} servers, and not on ${servers}`]
    return servers === 1 ? [] : differing('LOG', await copiesOf(bus, 'LOG', found))
  } finally {
    await bus.close()
  }
}

export function differing(stream: string, copies: ReadonlyMap<string, Copy | null>): string[] {
  const told = [...copies].map(([server, copy]) => {
    return `${server} has ${copy === null ? 'nothing that can be read' : `${copy.messages} messages, ${copy.digest}`}`
  })
  const kinds = new Set([...copies.values()].map((copy) => copy?.digest ?? null))
  return kinds.size > 1 || kinds.has(null) ? [`the copies of ${stream} differ: ${told.join('; ')}`] : []
}

/**
 * By server. Nobody can ask for the copy of a server, but a consumer reads that of the server
 * which it happens to be on: so many are made that there is one on each.
 */
export async function copiesOf(
  bus: Bus,
  stream: string,
  servers: readonly string[],
): Promise<Map<string, Copy | null>> {
  const copies = new Map<string, Copy | null>(servers.map((server) => [server, null]))
  const giveUpAt = performance.now() + FOUND_WITHIN_MS
  while ([...copies.values()].includes(null) && performance.now() < giveUpAt) {
    const { name, cluster: place } = await bus.jsm.consumers.add(stream, {
      ack_policy: 'none',
      deliver_policy: 'all',
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: 60_000_000_000,
    })
    const server = place?.leader ?? ''
    if (copies.get(server) === null) copies.set(server, await readThrough(bus, stream, name))
    await bus.jsm.consumers.delete(stream, name)
    await sleep(10)
  }
  return copies
}

/** On which a stream lies. */
export async function serversOf(bus: Bus, stream: string): Promise<string[]> {
  const { cluster } = await bus.jsm.streams.info(stream)
  return [cluster?.leader ?? '', ...(cluster?.replicas ?? []).map(({ name }) => name)]
}

async function readThrough(bus: Bus, stream: string, name: string): Promise<Copy> {
  const consumer = await bus.js.consumers.get(stream, name)
  const hash = createHash('sha256')
  let messages = 0
  for (let pending = (await consumer.info()).num_pending; pending > 0;) {
    const before = messages
    for await (const message of await consumer.fetch({ max_messages: Math.min(pending, AT_ONCE), expires: 10_000 })) {
      add(hash, message)
      messages++
      pending = message.info.pending
    }
    // It says that it has more, and gives nothing: then this is what can be read of it.
    if (messages === before) break
  }
  return { messages, digest: hash.digest('hex').slice(0, 16) }
}

function add(hash: Hash, { seq, subject, headers, data }: Kept): void {
  hash.update(`${seq} ${subject} ${data.length}\n`).update(data)
  for (const key of headers?.keys() ?? []) hash.update(`${key}: ${headers!.values(key).join()}\n`)
}
