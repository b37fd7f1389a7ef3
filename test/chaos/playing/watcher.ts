import type { Random } from '../random.ts'
import type { HeardEvent, RecordedLog } from './recorded-log.ts'

/** How a client reaches Spool. */
export interface Reach {
  readonly urls: readonly string[]
  readonly key: string
  /** A connection on which nothing came for so long is dead. */
  readonly silentMs: number
}

/** Somebody who watches a session, or a run of it. */
export interface Watcher {
  readonly log: RecordedLog
  /** Resolves when it has seen the end of what it follows. */
  readonly over: Promise<void>
  /** Where it stands, for whoever has to look into it. */
  readonly standing: string
  /** This is the position of the session's last event. Who follows a run knows by itself when it is over. */
  endAt(seq: number): void
}

/** What whoever watches tells its person. */
export type Hear = (event: HeardEvent) => void

/** One gateway after the other, beginning anywhere. */
export function gateways(urls: readonly string[], random: Random): () => string {
  let turn = random.whole(0, urls.length - 1)
  return () => urls[turn++ % urls.length]!
}

/** Says that it cannot be answered now. */
export const isForLater = (status: number | null) => status === null || status === 503 || status === 429
