import { runOf, type SessionState, type SpoolEvent } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Owner, ownerOf } from '../storing/memory-owner.ts'

/** A fact about a user, as of the event that says so. */
export interface Remembered extends Owner {
  readonly tenant: string
  readonly id: string
  readonly session: string
  readonly run: string
  readonly text: string
  readonly at: string
  /** The first of those who say so. */
  readonly since: string
  readonly epoch: number
  readonly seq: number
}

/** What a batch has made of the memories; each concerns another one. */
export interface MemoryChanges {
  readonly remembered: readonly Remembered[]
  readonly forgotten: readonly { readonly tenant: string; readonly id: string }[]
}

/**
 * Collects what the events of a batch say of memories: the last word counts, and what was forgotten stays so. In which
 * order they come makes no difference: a rebuild reads session by session.
 */
export class MemoryLedger {
  private readonly remembered = new Map<string, Remembered>()
  private readonly forgotten = new Map<string, { tenant: string; id: string }>()

  /** `state`: the session before the event. */
  take({ tenant, session }: SessionRef, state: SessionState, place: { epoch: number; seq: number }, event: SpoolEvent) {
    if (event.type === 'memory.deleted') {
      for (const id of event.ids) this.forgotten.set(`${tenant}/${id}`, { tenant, id })
      return
    }
    if (event.type !== 'memory.updated') return
    const run = runOf(state, event.run)
    // What comes after the memory was given up is not taken up.
    if (run?.memoryState.status !== 'pending') return
    const { epoch, seq } = place
    for (const { id, text } of event.memories) {
      const what = { tenant, id, session, run: run.id, text, at: event.at, since: event.at, epoch, seq }
      this.remember({ ...what, ...ownerOf(run) })
    }
  }

  private remember(said: Remembered): void {
    const key = `${said.tenant}/${said.id}`
    const before = this.remembered.get(key)
    // Somebody else's memory has that id.
    if (before !== undefined && (before.user !== said.user || before.agent !== said.agent)) return
    const last = before === undefined || isLater(said, before) ? said : before
    const since = before === undefined || said.since < before.since ? said.since : before.since
    this.remembered.set(key, { ...last, since })
  }

  get changes(): MemoryChanges {
    const remembered = [...this.remembered].filter(([key]) => !this.forgotten.has(key))
    return { remembered: remembered.map(([, memory]) => memory), forgotten: [...this.forgotten.values()] }
  }
}

function isLater(said: Remembered, before: Remembered): boolean {
  if (said.at !== before.at) return said.at > before.at
  return said.epoch === before.epoch ? said.seq > before.seq : said.epoch > before.epoch
}
