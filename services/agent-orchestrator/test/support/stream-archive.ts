import { emptySession, type SessionState } from '@spool/events'
import { type Archive, type Bus, foldStored, Log, type SessionRef, type StoredEvent } from '@spool/log'

interface Question extends SessionRef {
  after: number
  until: number
  epoch: number
  seq: number
}

const NOTHING_ARCHIVED: Archive = {
  tail: async () => ({ seq: 0, erased: false }),
  async *read() {},
  has: async () => false,
  state: async () => null,
  heights: async () => [],
}

/** Answers in persistence's place, from what JetStream holds: in these tests hardly anything leaves it. */
export class StreamArchive {
  /** While true nobody answers. */
  away = false
  /** What is remembered, whoever asks. */
  memories: { id: string; text: string }[] = []
  /** `tenant/session` of those whose tombstone has left the stream. */
  readonly tombstones = new Set<string>()
  /** How often something was asked while nobody answered. */
  unanswered = 0

  private constructor(private readonly log: Log) {}

  static async start(bus: Bus, shards: number): Promise<StreamArchive> {
    const archive = new StreamArchive(await Log.open(bus, NOTHING_ARCHIVED, shards))
    bus.nc.subscribe('query.*', {
      callback: (error, message) => {
        if (error) return
        if (archive.away) {
          archive.unanswered++
          return
        }
        const { pattern, data, id } = message.json<{ pattern: string; data: Question; id: string }>()
        void archive.answer(pattern.slice('query.'.length), data).then((response) => {
          message.respond(JSON.stringify({ id, response: JSON.stringify(response) }))
          message.respond(JSON.stringify({ id, isDisposed: true }))
        })
      },
    })
    return archive
  }

  private async answer(name: string, question: Question): Promise<unknown> {
    if (name === 'recall') return this.memories
    if (name === 'heights') return Array.from({ length: this.log.subjects.shards }, () => 0)
    // What a purge has left of an erased session cannot be read, and is not to be.
    const events = await this.chain(question).catch(() => [])
    const erased = this.tombstones.has(`${question.tenant}/${question.session}`)
    if (name === 'tail') return { seq: events.at(-1)?.seq ?? 0, erased }
    if (name === 'has') return events.some(({ epoch, seq }) => epoch === question.epoch && seq === question.seq)
    if (name === 'read') {
      const wanted = events.filter(({ seq }) => seq > question.after && seq <= question.until)
      return { events: wanted.map((event) => ({ ...event, trace: null, body: event.text() })), more: false }
    }
    return events.length === 0 ? null : events.reduce<SessionState>(foldStored, emptySession())
  }

  private async chain(ref: SessionRef): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    const last = await this.log.lastPosition(ref)
    for await (const event of this.log.read(ref, 0, last)) events.push(event)
    return events
  }
}
