import { type Addresses, startTcpProxy, type TcpProxy } from '@spool/testing'

/** The connections of every copy of a service with NATS and Postgres, each through a proxy of its own. */
export class Wires {
  private readonly toNats = new Map<string, TcpProxy[]>()
  private readonly toPostgres = new Map<string, TcpProxy[]>()
  private readonly userOf: (instance: string) => string

  /** The user that a copy of a service is at NATS. */
  constructor(userOf: (instance: string) => string) {
    this.userOf = userOf
  }

  /** One for each server of a cluster. */
  of(instance: string, server: 'nats' | 'postgres'): readonly TcpProxy[] {
    return (server === 'nats' ? this.toNats : this.toPostgres).get(instance) ?? []
  }

  get all(): TcpProxy[] {
    return [...this.toNats.values(), ...this.toPostgres.values()].flat()
  }

  /** Only persistence has a database. */
  readonly detour = async (instance: string, found: Addresses): Promise<Addresses> => {
    const user = this.userOf(instance)
    const natsUrls = await Promise.all(
      found.natsUrl.split(',').map(async (url) => {
        const wire = await add(this.toNats, instance, url)
        return `nats://${user}:${user}@127.0.0.1:${wire.port}`
      }),
    )
    if (!instance.startsWith('persistence')) return { ...found, natsUrl: natsUrls.join(',') }
    const databaseUrl = new URL(found.databaseUrl)
    databaseUrl.port = String((await add(this.toPostgres, instance, found.databaseUrl)).port)
    return { natsUrl: natsUrls.join(','), databaseUrl: databaseUrl.href }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((wire) => wire.stop()))
  }
}

async function add(wires: Map<string, TcpProxy[]>, instance: string, url: string): Promise<TcpProxy> {
  const wire = await startTcpProxy({ port: Number(new URL(url).port) })
  wires.set(instance, [...(wires.get(instance) ?? []), wire])
  return wire
}
