import type { SessionState } from '@spool/events'
import {
  type Archive,
  type ArchiveTail,
  ArchiveUnavailable,
  type SessionRef,
  type StoredEvent,
} from '../../src/index.ts'

/** Stands for persistence where a test is about the log alone. */
export class MemoryArchive implements Archive {
  /** While true nobody answers. */
  away = false
  /** How often something was asked, answered or not. */
  asked = 0
  private readonly chains = new Map<string, StoredEvent[]>()
  private readonly erased = new Set<string>()
  private readonly states = new Map<string, SessionState>()
  readonly highest: number[] = []

  store(ref: SessionRef, events: readonly StoredEvent[]): void {
    this.chains.set(keyOf(ref), [...this.chain(ref), ...events])
  }

  storeState(ref: SessionRef, state: SessionState): void {
    this.states.set(keyOf(ref), state)
  }

  erase(ref: SessionRef): void {
    this.erased.add(keyOf(ref))
  }

  async tail(ref: SessionRef): Promise<ArchiveTail> {
    this.answer()
    return { seq: this.chain(ref).at(-1)?.seq ?? 0, erased: this.erased.has(keyOf(ref)) }
  }

  async *read(ref: SessionRef, after: number, until: number): AsyncGenerator<StoredEvent, void, undefined> {
    this.answer()
    for (const event of this.chain(ref)) if (event.seq > after && event.seq <= until) yield event
  }

  async has(ref: SessionRef, epoch: number, seq: number): Promise<boolean> {
    this.answer()
    return this.chain(ref).some((event) => event.epoch <= epoch && event.seq === seq)
  }

  async state(ref: SessionRef): Promise<SessionState | null> {
    this.answer()
    return this.states.get(keyOf(ref)) ?? null
  }

  async heights(): Promise<readonly number[]> {
    this.answer()
    return this.highest
  }

  private chain(ref: SessionRef): readonly StoredEvent[] {
    return this.chains.get(keyOf(ref)) ?? []
  }

  private answer(): void {
    this.asked++
    if (this.away) throw new ArchiveUnavailable()
  }
}

const keyOf = (ref: SessionRef) => `${ref.tenant}/${ref.session}`
