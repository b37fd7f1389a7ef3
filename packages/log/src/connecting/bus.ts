import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { jetstream, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { errors, type NatsConnection, PermissionViolationError } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { BusForbids, BusRefused, BusUnavailable } from '../errors.ts'
import { within } from '../waiting.ts'
import { Acks } from './acks.ts'
import { natsAddress } from './nats-address.ts'
import { assertServerVersion, serverFeatures } from './server-version.ts'

export interface BusOptions {
  /** One or more addresses, separated by commas; a user and a password may stand before the host. */
  servers: string
  /** Shown in the server's connection list. */
  name: string
  /** How long an append or a job waits for its ack before its fate counts as unknown. Default 2 s. */
  ackTimeoutMs?: number
  /** Told what the server does not let this user do, in words and not without end; whoever tried fails by itself. */
  onForbidden?: ((error: BusForbids) => void) | undefined
  /** Instead of the one that the address names. */
  user?: string
  pass?: string
}

const DRAIN_MS = 5000
const STEADY_MS = 3000
/** The server's codes: no leader for the cluster, none for what is asked. */
const LEADERLESS = new Set([10008, 10009])

/** One connection to NATS, for good: it reconnects for as long as the process lives. */
export class Bus {
  /** When the current connection began; 0 while there is none. */
  connectedSinceMs = Date.now()
  /** Appends go this way. */
  readonly acks: Acks
  /** What the server does not let this user listen to. Without it the process is of no use. */
  deafTo: BusForbids | null = null
  readonly features: ReturnType<typeof serverFeatures>
  private readonly toldForbidden = new Set<string>()
  private readonly reconnectListeners = new Set<() => void>()
  private readonly disconnectListeners = new Set<() => void>()

  private constructor(
    readonly nc: NatsConnection,
    readonly js: JetStreamClient,
    /** For administration. A stream that is being created in a cluster takes its time. */
    readonly jsm: JetStreamManager,
    /** For reads from a stream's leader: while there is none, better asked again than waited for. */
    readonly leader: JetStreamManager,
    /** Of the server that answered first. */
    readonly version: string,
    readonly ackTimeoutMs: number,
    private readonly user: string | undefined,
    private readonly onForbidden: (error: BusForbids) => void,
  ) {
    this.acks = new Acks(nc, ackTimeoutMs)
    this.features = serverFeatures(version)
    void this.watch()
  }

  static async connect(options: BusOptions): Promise<Bus> {
    const { ackTimeoutMs = 2000, onForbidden = () => undefined } = options
    const address = natsAddress(options.servers)
    const nc = await connect({
      ...address,
      name: options.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      waitOnFirstConnect: true,
      // A half-open connection is noticed after two missed pings.
      pingInterval: 10_000,
      noAsyncTraces: true,
      ...(options.user === undefined ? {} : { user: options.user, pass: options.pass ?? '' }),
    }).catch((error: unknown) => {
      throw error instanceof errors.AuthorizationError ? new BusRefused(error) : error
    })
    try {
      const version = nc.info?.version ?? '0.0.0'
      assertServerVersion(version)
      const js = jetstream(nc, { timeout: ackTimeoutMs })
      const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: 5000 })
      const leader = await jetstreamManager(nc, { checkAPI: false, timeout: ackTimeoutMs })
      const user = options.user ?? address.user
      return new Bus(nc, js, jsm, leader, version, ackTimeoutMs, user, onForbidden)
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

  /** Connected for so long that, after an outage of the bus, everybody else has had the time to come back too. */
  get steady(): boolean {
    return this.connectedForMs() >= STEADY_MS
  }

  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener)
    return () => this.reconnectListeners.delete(listener)
  }

  onDisconnect(listener: () => void): () => void {
    this.disconnectListeners.add(listener)
    return () => this.disconnectListeners.delete(listener)
  }

  /** Resolves as soon as there is a connection. What is sent while there is none is thrown away by the client. */
  async untilConnected(signal?: AbortSignal): Promise<void> {
    if (this.connected) return
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stopListening = this.onReconnect(resolve)
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    void this.nc.closed().then(() => reject(new errors.ClosedConnectionError()))
    try {
      await promise
    } finally {
      stopListening()
      signal?.removeEventListener('abort', abort)
    }
  }

  /**
   * Rejects as soon as the connection breaks: what was asked over it need not be waited for any longer. A cluster that
   * answers that it has no leader is as good as silent.
   */
  whileConnected<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stopListening = this.onDisconnect(() => reject(new BusUnavailable()))
      answer.then(
        (value) => {
          stopListening()
          resolve(value)
        },
        (error: unknown) => {
          stopListening()
          reject(isLeaderless(error) ? new BusUnavailable(error) : error)
        },
      )
      if (!this.connected) reject(new BusUnavailable())
    })
  }

  async close(): Promise<void> {
    // On a connection that is stuck the end of a drain would never come.
    if (this.connected) await within(DRAIN_MS, this.nc.drain()).catch(() => undefined)
    await this.nc.close()
  }

  private async watch(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === 'disconnect') {
        this.connectedSinceMs = 0
        this.acks.giveUpAll(new BusUnavailable())
        for (const listener of this.disconnectListeners) listener()
      }
      if (status.type === 'error' && status.error instanceof PermissionViolationError) this.forbidden(status.error)
      if (status.type === 'reconnect') {
        this.connectedSinceMs = Date.now()
        // The client subscribes anew, and is told anew.
        this.deafTo = null
        this.toldForbidden.clear()
        for (const listener of this.reconnectListeners) listener()
      }
    }
  }

  private forbidden(violation: PermissionViolationError): void {
    const { operation, subject } = violation
    this.acks.refuse(subject, violation)
    const error = new BusForbids(this.user, operation, subject, violation)
    if (operation === 'subscription') this.deafTo = error
    // Of each kind of subject once: there may be one for each session.
    const kind = `${operation} ${subject.split('.', subject.startsWith('$JS.') ? 5 : 1).join('.')}`
    if (this.toldForbidden.has(kind)) return
    this.toldForbidden.add(kind)
    this.onForbidden(error)
  }
}

function isLeaderless(error: unknown): boolean {
  return error instanceof JetStreamApiError && LEADERLESS.has(error.code)
}
