import type { Log } from '../log.ts'
import { logStreamName } from '../naming/subjects.ts'
import { maxBytesOf } from '../restoring/epoch.ts'
import { type StreamExtent, extentOf } from '../reading/whole-stream.ts'

/** What one LOG stream holds, and how much it may. */
export interface LogRoom extends StreamExtent {
  readonly stream: string
  readonly bytes: number
  /** `null`: as much as its server has room for. */
  readonly maxBytes: number | null
}

export async function logRoom(log: Log, shard: number): Promise<LogRoom> {
  const stream = logStreamName(shard, log.subjects.shards)
  const info = await log.bus.whileConnected(log.bus.leader.streams.info(stream))
  const { bytes } = info.state
  return { ...extentOf(info), stream, bytes, maxBytes: maxBytesOf(info.config) }
}

/** 0: empty, 1: full. */
export function fullness({ bytes, maxBytes }: Pick<LogRoom, 'bytes' | 'maxBytes'>): number {
  return maxBytes === null ? 0 : bytes / maxBytes
}
