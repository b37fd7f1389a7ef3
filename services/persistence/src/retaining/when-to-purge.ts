import { fullness, type LogRoom } from '@spool/log'

/** Fuller than this, a stream gives up what is stored before its time; down to about the other. */
const TOO_FULL = 0.8
const ROOMY = 0.6

const AT_MOST_EVERY_MS = 1000
const AT_LEAST_EVERY_MS = 10 * 60_000

/** Some fifty times in a window, so that nothing stays much longer. */
export function purgeEveryMs(hotWindowMs: number): number {
  return Math.min(Math.max(hotWindowMs / 50, AT_MOST_EVERY_MS), AT_LEAST_EVERY_MS)
}

export function isTooFull(room: LogRoom): boolean {
  return fullness(room) > TOO_FULL
}

/** The first position that stays, for the stream to be roomy again: as if its events were all of one size. */
export function roomyFrom(room: LogRoom): number {
  const { firstSeq, lastSeq } = room
  const share = 1 - ROOMY / Math.max(fullness(room), ROOMY)
  return firstSeq + Math.ceil((lastSeq + 1 - firstSeq) * share)
}
