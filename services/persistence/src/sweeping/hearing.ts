import type { DueWork } from './due-work.ts'

/**
 * Since when producers can be heard. While Spool is away none can make a call, so that none is silent: each has its whole
 * time from when it is back.
 */
export class Hearing {
  constructor(
    private readonly silentMs: number,
    private sinceMs: number,
  ) {}

  /** Who was silent is not to be known before. */
  broken(nowMs: number): void {
    this.sinceMs = nowMs
  }

  /** What of it is due although, or because, everybody was heard. */
  fair(due: readonly DueWork[], nowMs: number): readonly DueWork[] {
    const isWhole = nowMs - this.sinceMs >= this.silentMs
    return isWhole ? due : due.filter(({ reason }) => reason !== 'producer')
  }
}
