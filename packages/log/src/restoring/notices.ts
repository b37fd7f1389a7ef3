import type { Bus } from '../connecting/bus.ts'
import type { Epoch } from './epoch.ts'

export interface LogNotices {
  /** A new epoch begins. Whoever sent the notice waits until this is done. */
  readonly onEpoch: (shard: number, begun: Epoch) => Promise<void>
  /** Persistence has found that a stream is not the one that it has stored; it says so for as long as that is so. */
  readonly onDiverged: (shard: number, why: string) => void
}

/** Where each is a user of its own, NATS passes the word on to it under its name (infra/nats). */
const SERVICES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence']
/** How long those who are connected have to take in that a new epoch begins. */
const HEARD_WITHIN_MS = 2000
/** Between two answers. */
const QUIET_MS = 300

/** Over core NATS: whoever is not connected looks at the streams when it is again. */
export function listenForNotices(bus: Bus, { onEpoch, onDiverged }: LogNotices): void {
  bus.nc.subscribe('epoch.*', {
    callback: (error, message) => {
      if (error) return
      const { epoch, first } = message.json<Epoch>()
      void onEpoch(shardOf(message.subject), { epoch, first }).then(() => message.respond('heard'))
    },
  })
  bus.nc.subscribe('diverged.*', {
    callback: (error, message) => {
      if (!error) onDiverged(shardOf(message.subject), message.string())
    },
  })
}

/** Resolves with how many have heard of it, once the last of them has taken it in. */
export async function announceEpoch(bus: Bus, shard: number, begun: Epoch): Promise<number> {
  const all = [`epoch.${shard}`, ...SERVICES.map((service) => `epoch.${service}.${shard}`)]
  const heard = await Promise.all(all.map((subject) => tell(bus, subject, JSON.stringify(begun))))
  return heard.reduce((sum, count) => sum + count)
}

async function tell(bus: Bus, subject: string, begun: string): Promise<number> {
  let heard = 0
  try {
    const answers = await bus.nc.requestMany(subject, begun, {
      strategy: 'stall',
      stall: QUIET_MS,
      maxWait: HEARD_WITHIN_MS,
    })
    for await (const _ of answers) heard++
  } catch {
    // Nobody is there.
  }
  return heard
}

export function announceDiverged(bus: Bus, shard: number, why: string): void {
  if (bus.connected) bus.nc.publish(`diverged.${shard}`, why)
}

const shardOf = (subject: string) => Number(subject.split('.')[1])
