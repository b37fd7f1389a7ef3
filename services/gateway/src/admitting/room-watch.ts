import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import { fullness, type Log, LogFull, logRoom, type SessionRef } from '@spool/log'
import { LOG } from '../tokens.ts'

const LOOK_EVERY_MS = 1000
/** What is stored leaves a stream long before it is so full. The rest is for the runs that are under way. */
const FULL = 0.95

/**
 * Whether the log has room, as of a moment ago: who begins a run asks memory. A run that is begun in front of a full
 * stream would only stand still, and its client would not know why.
 */
@Injectable()
export class RoomWatch implements OnModuleDestroy {
  private streams: ReadonlyMap<string, LogFull> = new Map()
  private looking = false
  private readonly timer: NodeJS.Timeout

  constructor(@Inject(LOG) private readonly log: Log) {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
    void this.look()
  }

  onModuleDestroy(): void {
    clearInterval(this.timer)
  }

  /** `null`: there is room everywhere. */
  get full(): LogFull | null {
    const [first = null] = this.streams.values()
    return first
  }

  fullFor(ref: SessionRef): LogFull | undefined {
    return this.streams.get(this.log.subjects.logStream(ref))
  }

  assertRoom(ref: SessionRef): void {
    const full = this.fullFor(ref)
    if (full !== undefined) throw full
  }

  private async look(): Promise<void> {
    if (this.looking) return
    this.looking = true
    try {
      const { shards } = this.log.subjects
      const rooms = await Promise.all(Array.from({ length: shards }, (_, shard) => logRoom(this.log, shard)))
      const full = rooms.filter((room) => fullness(room) >= FULL)
      this.streams = new Map(full.map(({ stream }) => [stream, new LogFull(stream)]))
    } catch {
      // NATS does not answer: that is told elsewhere.
    } finally {
      this.looking = false
    }
  }
}
