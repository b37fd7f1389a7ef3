import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import type { Logger } from '@spool/telemetry'
import { LOGGER } from '../tokens.ts'
import { OpenStreams } from './open-streams.ts'
import { silentPeer } from './tcp-table.ts'

const LOOK_EVERY_MS = 10_000
/** A keep-alive is written within 15 s and soon sent again; with the looks before and after, that is within a minute. */
const SILENT_FOR_MS = 20_000
/** Where Linux tells of its connections. Elsewhere a client that is gone is noticed when TCP gives up, after minutes. */
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6']

/**
 * Ends streams whose client is gone without a word: a laptop that was closed, a cable that was pulled. For as long as
 * something is on its way to it TCP waits a quarter of an hour for an answer, and Node cannot tell it otherwise.
 */
@Injectable()
export class SilentClients implements OnModuleDestroy {
  /** Since when each has been silent, as far as we have seen. */
  private silent = new Map<string, number>()
  private looking: NodeJS.Timeout | undefined

  constructor(
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  watch(port: number): void {
    this.looking = setInterval(() => void this.look(port), LOOK_EVERY_MS)
  }

  onModuleDestroy(): void {
    clearInterval(this.looking)
  }

  private async look(port: number): Promise<void> {
    if (this.streams.size === 0) return
    const now = Date.now()
    const silent = new Map<string, number>()
    for (const table of TABLES) {
      for await (const peer of silentPeers(table, port)) silent.set(peer, this.silent.get(peer) ?? now)
    }
    this.silent = silent
    const gone = new Set([...silent.keys()].filter((peer) => now - silent.get(peer)! >= SILENT_FOR_MS))
    if (gone.size === 0) return
    const streams = this.streams.cut(gone)
    this.logger.info({ streams }, 'Clients were gone without a word; their streams are ended')
  }
}

async function* silentPeers(table: string, port: number): AsyncGenerator<string, void, undefined> {
  try {
    for await (const line of createInterface({ input: createReadStream(table) })) {
      const peer = silentPeer(line, port)
      if (peer !== null) yield peer
    }
  } catch {
    // Not Linux, or hidden from us.
  }
}
