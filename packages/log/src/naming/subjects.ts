import { type SessionRef, isId, shardOf } from './session-ref.ts'

export type WorkKind = 'llm' | 'tool' | 'memory' | 'run'
export type ControlKind = 'cancel' | 'confirm' | 'fork'

/** Every subject Spool uses, made from one deployment's number of shards. */
export class Subjects {
  constructor(readonly shards: number) {}

  private place(ref: SessionRef): string {
    if (!isId(ref.tenant) || !isId(ref.session)) throw new TypeError('tenant and session must be checked ids')
    return `${shardOf(ref, this.shards)}.${ref.tenant}.${ref.session}`
  }

  /** The session's chain. */
  log(ref: SessionRef): string {
    return `log.${this.place(ref)}`
  }

  /** What the stream has stored, re-published. Never subscribe to `log`: it also carries what was refused. */
  live(ref: SessionRef): string {
    return `live.${this.place(ref)}`
  }

  /** Notices to whoever is streaming into the session. */
  control(ref: SessionRef): string {
    return `ctl.${this.place(ref)}`
  }

  /** The same, of a service that is another user of NATS: under this name NATS passes it on (infra/nats). */
  heardControl(ref: SessionRef): string {
    return `heard.${this.control(ref)}`
  }

  followers(ref: SessionRef): string {
    return `followers.${this.place(ref)}`
  }

  /** Word that the session was erased. */
  erased(ref: SessionRef): string {
    return `erased.${this.place(ref)}`
  }

  intake(ref: SessionRef, id: string): string {
    return `intake.${this.place(ref)}.${id}`
  }

  controlJob(ref: SessionRef, kind: ControlKind, id: string): string {
    return `control.${this.place(ref)}.${kind}.${id}`
  }

  /** The subject is the job's identity. */
  work(ref: SessionRef, kind: WorkKind, key: string | number): string {
    return `work.${kind}.${this.place(ref)}.${key}`
  }

  /** The name of the stream that holds the session's chain. */
  logStream(ref: SessionRef): string {
    return logStreamName(shardOf(ref, this.shards), this.shards)
  }
}

export function logStreamName(shard: number, shards: number): string {
  return shards === 1 ? 'LOG' : `LOG-${shard}`
}

/** Of all sessions. */
export const erasedSubjects = 'erased.*.*.*'

/** Reads `<anything>.<shard>.<tenant>.<session>` of such a subject. */
export function sessionOfLogSubject(subject: string): SessionRef {
  const [, , tenant, session] = subject.split('.')
  return { tenant: tenant!, session: session! }
}
