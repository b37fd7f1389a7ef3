import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import { Chains } from './chains.mjs'

/**
 * Follows the log of a Spool deployment with a durable consumer of its own: from where this `name` stopped the last
 * time, at first from the oldest event that JetStream has. `onEvent` is awaited, one event after the other; only then is
 * the event acknowledged. So each is handed over at least once, in the order of its stream: what was under way when this
 * process died comes again, with the same `position`.
 *
 * Run one process per name. Two would share the events between them.
 */
export async function followLog({ url, name, onEvent, onGap, signal }) {
  const nc = await connect({ ...addressOf(url), name, maxReconnectAttempts: -1 })
  try {
    const manager = await jetstreamManager(nc)
    const streams = await logStreams(manager)
    await Promise.all(streams.map((stream) => followStream(nc, manager, stream, { name, onEvent, onGap, signal })))
  } finally {
    await nc.close()
  }
}

async function followStream(nc, manager, { stream, epoch }, { name, onEvent, onGap, signal }) {
  // Makes it, or finds the one that is there.
  await manager.consumers.add(stream, {
    durable_name: name,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
    // Work that takes longer than `ack_wait` calls message.working() now and then, or it comes again meanwhile.
    // One at a time. With more, events that were under way when a process died come after later ones.
    max_ack_pending: 1,
    ack_wait: nanos(5000),
    // Whoever reads may not delete consumers: the server does, once nobody has used it for a month.
    inactive_threshold: nanos(30 * 86_400_000),
  })
  const consumer = await jetstream(nc).consumers.get(stream, name)
  const chains = new Chains()
  const messages = await consumer.consume({ max_messages: 100 })
  signal?.addEventListener('abort', () => messages.stop())
  if (signal?.aborted) messages.stop()
  for await (const message of messages) {
    const [, , tenant, session] = message.subject.split('.')
    const prev = Number(message.headers.get('Spool-Prev'))
    const type = message.headers.get('Spool-Type')
    const place = chains.place(message.subject, { seq: message.seq, prev, type })
    if (place.kind === 'gap') await onGap?.({ stream, tenant, session, after: place.after, before: message.seq })
    if (place.kind !== 'stray') {
      const position = { stream, epoch, seq: message.seq }
      await onEvent({ position, tenant, session, type, prev, event: eventOf(message) })
    }
    message.ack()
  }
  // The last acknowledgement is on its way.
  await nc.flush()
}

/** One that does not parse was not written by Spool; it has a place all the same. */
function eventOf(message) {
  try {
    return message.json()
  } catch {
    return null
  }
}

/** A deployment with one shard has `LOG`, one with several `LOG-0`, `LOG-1` … */
async function logStreams(manager) {
  const first = await manager.streams.info('LOG').catch(() => manager.streams.info('LOG-0'))
  const shards = Number(first.config.metadata.spool_shards)
  const names = shards === 1 ? ['LOG'] : Array.from({ length: shards }, (_, shard) => `LOG-${shard}`)
  return Promise.all(
    names.map(async (stream) => {
      const { config } = await manager.streams.info(stream)
      return { stream, epoch: Number(config.metadata.spool_epoch) }
    }),
  )
}

/** The client does not read a user out of a URL. */
function addressOf(text) {
  const { username, password, host } = new URL(text)
  const user = decodeURIComponent(username)
  return { servers: host, ...(user !== '' && { user, pass: decodeURIComponent(password) }) }
}
