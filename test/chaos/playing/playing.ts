import type { ClientLog } from '../client-log.ts'
import type { PlayedRun } from './played-run.ts'

/** The running system as its clients know it. */
export interface PlayedSystem {
  /** Of the gateways, as clients reach them. */
  readonly urls: readonly string[]
  readonly key: string
}

export interface PlayOptions {
  /** Says which conversations there are, who watches them and how; when all of it happens, nobody can say. */
  readonly seed: number
  /** Conversations that go on at a time. */
  readonly sessions: number
  /** No conversation begins after that, in ms of the monotonic clock. */
  readonly untilMs: number
  /** A connection on which nothing came for so long is given up; as the protocol has it 40 s, at keep-alives of 15 s. */
  readonly silentMs?: number
}

export interface Playing {
  readonly runs: readonly PlayedRun[]
  readonly logs: readonly ClientLog[]
  /** Conversations that are not over. */
  readonly open: number
  /** Where each of these stands, for whoever has to look into it. */
  readonly standing: readonly string[]
  /** Begins no more runs; resolves once all are over, and everybody who watches has seen their end. */
  stop(): Promise<void>
}

export function play(system: PlayedSystem, options: PlayOptions): Playing {
  void [system, options]
  throw new Error('not there yet')
}
