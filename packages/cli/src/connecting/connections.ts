import { Spool, type SpoolOptions } from '@spool/client'
import type { Archive, Bus, Log } from '@spool/log'
import type { Database } from '@spool/store'
import { unavailable } from '../problem.ts'
import { reachGateway } from './reach-gateway.ts'
import type { CliSettings } from './settings.ts'
import { watchedFetch } from './watched-fetch.ts'
import { withoutPassword } from './without-password.ts'

const START_OR_SET = 'Run `npm start` in the checkout first, or set'

/** Opens what a command needs, when it needs it, and closes it when the command ends. Only that is loaded, too. */
export class Connections {
  private readonly closers: (() => Promise<void>)[] = []

  constructor(readonly settings: CliSettings) {}

  /** Over HTTP, as any client. Once it was reached it is come back to for as long as it takes, and `onLost` is told. */
  async gateway(
    signal: AbortSignal,
    { onLost, ...options }: { onLost?: () => void } & Pick<SpoolOptions, 'giveUpAfterMs'> = {},
  ): Promise<Spool> {
    const { url, key, connectMs } = this.settings
    if (url === undefined) throw unavailable(`Which gateway? ${START_OR_SET} SPOOL_URL and SPOOL_KEY.`)
    if (key === undefined) throw unavailable('Without an API key the gateway lets nobody in: set SPOOL_KEY.')
    await reachGateway(url, connectMs, signal)
    return new Spool({ ...options, url, key, ...(onLost !== undefined && { fetch: watchedFetch(onLost) }) })
  }

  async bus(): Promise<Bus> {
    const { natsUrl, connectMs } = this.settings
    if (natsUrl === undefined) throw unavailable(`Which NATS? ${START_OR_SET} NATS_URL.`)
    const { Bus, BusRefused } = await import('@spool/log')
    const connecting = Bus.connect({ servers: natsUrl, name: 'spool command line' })
    const bus = await within(connectMs, connecting).catch((error: unknown) => {
      // It would go on trying for ever.
      connecting.then((late) => late.close()).catch(() => undefined)
      if (error instanceof BusRefused) throw unavailable(error.message, error)
      throw unavailable(`NATS does not answer at ${withoutPassword(natsUrl)}.`, error)
    })
    this.closers.push(() => bus.close())
    return bus
  }

  /** The sessions' chains; what has left JetStream is asked of persistence. */
  async log(): Promise<Log> {
    const bus = await this.bus()
    const { ArchiveOverNats, Log, Queries } = await import('@spool/log')
    return Log.open(bus, new ArchiveOverNats(new Queries(bus)), this.settings.shards)
  }

  /** The same, but what has left JetStream is read in Postgres: also while persistence is away. */
  async logBesidePersistence(): Promise<Log> {
    const bus = await this.bus()
    const { Log } = await import('@spool/log')
    return Log.open(bus, await this.archive(), this.settings.shards)
  }

  /** What Postgres has. It is not connected to before that is asked for. */
  async archive(): Promise<Archive> {
    const { StoreArchive } = await import('@spool/store')
    let database: Promise<Database> | undefined
    return new StoreArchive(async () => (await (database ??= this.database())).kysely, this.settings.shards)
  }

  async database(connections = 2): Promise<Database> {
    const { databaseUrl } = this.settings
    if (databaseUrl === undefined) throw unavailable(`Which Postgres? ${START_OR_SET} DATABASE_URL.`)
    const { openDatabase } = await import('@spool/store')
    const { sql } = await import('kysely')
    const database = openDatabase({ url: databaseUrl, name: 'spool command line', connections, patient: true })
    this.closers.push(() => database.close())
    try {
      await sql`select 1`.execute(database.kysely)
    } catch (error) {
      throw unavailable(whyNoDatabase(error, withoutPassword(databaseUrl)), error)
    }
    return database
  }

  async close(): Promise<void> {
    for (const close of this.closers.toReversed()) await close().catch(() => undefined)
  }
}

/** Where Postgres answers and still cannot be worked with, there is something else to do than to wait for it. */
function whyNoDatabase(error: unknown, at: string): string {
  const state = error instanceof Error && 'code' in error ? error.code : undefined
  if (state === '3D000') return `Postgres answers, but has no such database: ${at}. Check DATABASE_URL.`
  if (state === '28P01' || state === '28000') {
    return `Postgres refuses the user or the password at ${at}. DATABASE_URL takes both: postgres://user:password@host:5432/database.`
  }
  return `Postgres does not answer at ${at}.`
}

function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
