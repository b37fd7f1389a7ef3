import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import type { KeyWatch, Selection, SessionRef } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import { RoomWatch } from '../admitting/room-watch.ts'
import { Disconnects } from '../cancelling/disconnects.ts'
import { limitsOf } from '../limiting/limits-of.ts'
import { Told } from '../reading/told.ts'
import type { Config } from '../config.ts'
import { Draining } from '../serving/draining.ts'
import { CONFIG, KEYS, LIMITS, LOGGER } from '../tokens.ts'
import { EventStream, type StreamEnd } from './event-stream.ts'
import type { FeedLease } from './feed-lease.ts'
import type { Outlet } from './outlet.ts'
import { countClosed, countDropped, countOpened } from './stream-metrics.ts'
import type { Wire } from './wire.ts'

/** A key that expires is noticed by nobody else. */
const LOOK_EVERY_MS = 1000

/** Every stream that this process serves, by session. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  private readonly bySession = new Map<string, Set<EventStream>>()
  private count = 0
  /** Since this process began. */
  opened = 0
  private readonly looking: NodeJS.Timeout

  constructor(
    @Inject(Told) private readonly told: Told,
    @Inject(Disconnects) private readonly disconnects: Disconnects,
    @Inject(Draining) private readonly draining: Draining,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(KEYS) keys: KeyWatch,
    @Inject(RoomWatch) private readonly room: RoomWatch,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LIMITS) private readonly limits: LimitCatalogue,
  ) {
    keys.onRevoked(() => this.endOverdue())
    this.looking = setInterval(() => this.endOverdue(), LOOK_EVERY_MS)
  }

  onModuleDestroy(): void {
    clearInterval(this.looking)
  }

  get size(): number {
    return this.count
  }

  get followedSessions(): number {
    return this.bySession.size
  }

  open(ref: SessionRef, selection: Selection, response: Outlet, lease: FeedLease, wire?: Wire): EventStream {
    const stream = new EventStream(
      ref,
      selection,
      response,
      lease,
      (end, error) => this.closed(stream, end, error),
      () => this.room.fullFor(ref)?.message ?? '',
      this.config.SPOOL_KEEP_ALIVE_MS,
      wire,
    )
    const key = keyOf(ref)
    const others = this.bySession.get(key)
    if (others === undefined) this.bySession.set(key, new Set([stream]))
    else others.add(stream)
    this.count++
    this.opened++
    countOpened()
    const first = wire?.begin?.()
    if (first !== undefined) stream.write(first)
    // Its request came in before the end began.
    if (this.draining.begun) stream.sendAway()
    return stream
  }

  has(ref: SessionRef): boolean {
    return this.bySession.has(keyOf(ref))
  }

  /** Whether something is going on in a session that is followed here, or was since the last time it was asked. */
  isActive(ref: SessionRef): boolean {
    let active = false
    for (const stream of this.bySession.get(keyOf(ref)) ?? []) if (stream.wasActive()) active = true
    return active
  }

  /** The last position that a follower of the session was told here. */
  highest(ref: SessionRef): number {
    let highest = this.told.last(ref)
    for (const { position } of this.bySession.get(keyOf(ref)) ?? []) highest = Math.max(highest, position)
    return highest
  }

  sendAllAway(): void {
    for (const streams of this.bySession.values()) for (const stream of streams) stream.sendAway()
  }

  /** Ends those whose client is gone, and says how many. */
  cut(peers: ReadonlySet<string>): number {
    let count = 0
    for (const streams of this.bySession.values()) {
      for (const stream of streams) {
        if (stream.peer === undefined || !peers.has(stream.peer)) continue
        stream.cut()
        count++
      }
    }
    return count
  }

  /** Those whose key counts no more, and those that have been open for as long as they may be. */
  private endOverdue(): void {
    const now = Date.now()
    for (const streams of this.bySession.values()) {
      for (const stream of streams) {
        const limitMs = limitsOf(this.limits, stream.caller).streamMs || stream.ownLimitMs
        if (!stream.caller.counts()) stream.refuse()
        else if (limitMs > 0 && now - stream.openedAtMs >= limitMs) stream.finish('time_limit')
      }
    }
  }

  private closed(stream: EventStream, end: StreamEnd, error: unknown): void {
    const key = keyOf(stream.ref)
    const others = this.bySession.get(key)
    others?.delete(stream)
    if (others?.size === 0) this.bySession.delete(key)
    this.count--
    countClosed()
    this.told.note(stream.ref, stream.position)
    if (end === 'failed') {
      countDropped('failure')
      this.logger.warn({ err: error }, 'A stream was broken off; its client will come back')
    } else if (end === 'drained') countDropped('drain')
    else if (end === 'left' || end === 'refused')
      this.disconnects.left(stream.ref, stream.selection.run, () => this.has(stream.ref))
  }
}

function keyOf(ref: SessionRef): string {
  return `${ref.tenant}/${ref.session}`
}
