import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { assertServerVersion, serverFeatures } from './server-version.ts'

export interface BusOptions {
  /** One or more addresses, separated by commas. */
  servers: string
  /** Shown in the server's connection list. */
  name: string
  /** How long an append or a job waits for its ack before its fate counts as unknown. */
  ackTimeoutMs?: number
  user?: string
  pass?: string
}

/** One connection to NATS, for good: it reconnects for as long as the process lives. */
export class Bus {
  /** When the current connection began; 0 while there is none. */
  connectedSinceMs = Date.now()
  private readonly reconnectListeners = new Set<() => void>()

  private constructor(
    readonly nc: NatsConnection,
    readonly js: JetStreamClient,
    readonly jsm: JetStreamManager,
    readonly features: ReturnType<typeof serverFeatures>,
    readonly ackTimeoutMs: number,
  ) {
    void this.watch()
  }

  static async connect(options: BusOptions): Promise<Bus> {
    const ackTimeoutMs = options.ackTimeoutMs ?? 3000
    const nc = await connect({
      servers: options.servers.split(','),
      name: options.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      waitOnFirstConnect: true,
      // A half-open connection is noticed after two missed pings.
      pingInterval: 10_000,
      noAsyncTraces: true,
      ...(options.user === undefined ? {} : { user: options.user, pass: options.pass ?? '' }),
    })
    try {
      const version = nc.info?.version ?? '0.0.0'
      assertServerVersion(version)
      const js = jetstream(nc, { timeout: ackTimeoutMs })
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: 5000 })
      return new Bus(nc, js, jsm, serverFeatures(version), ackTimeoutMs)
    } catch (error) {
      await nc.close()
      throw error
    }
  }

  get connected(): boolean {
    return this.connectedSinceMs > 0
  }

  /** For how long the connection has been up without a break. */
  connectedForMs(): number {
    return this.connected ? Date.now() - this.connectedSinceMs : 0
  }

  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener)
    return () => this.reconnectListeners.delete(listener)
  }

  async close(): Promise<void> {
    if (!this.connected) return this.nc.close()
    await this.nc.drain().catch(() => this.nc.close())
  }

  private async watch(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === 'disconnect') this.connectedSinceMs = 0
      if (status.type === 'reconnect') {
        this.connectedSinceMs = Date.now()
        for (const listener of this.reconnectListeners) listener()
      }
    }
  }
}
