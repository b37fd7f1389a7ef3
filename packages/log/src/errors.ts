/** Base of what this package throws. `code` is stable; `retryable` says whether trying again can help. */
export abstract class LogError extends Error {
  abstract readonly code: string
  abstract readonly retryable: boolean
  override get name() {
    return this.constructor.name
  }
}

/** Whether trying again cannot help. Errors of other origin (a time-out, a lost connection) are worth another try. */
export function isFinal(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === false
}

/** Whether it is known that trying again helps once something that is away or full has recovered. */
export function mayPass(error: unknown): boolean {
  return error instanceof LogError && error.retryable
}

/** NATS does not answer, or not in time. What was sent may have arrived or not. */
export class BusUnavailable extends LogError {
  readonly code = 'bus_unavailable'
  readonly retryable = true
  constructor(cause?: unknown, what = 'NATS does not answer.') {
    super(`${what} What is stored is safe; try again in a moment.`, { cause })
  }
}

/** They exist, and what they hold cannot be told just now: in a cluster of which too little is there. */
export class StreamsWithoutLeader extends BusUnavailable {
  constructor(readonly streams: readonly string[]) {
    super(undefined, `NATS has no leader for ${streams.join(', ')} just now.`)
  }
}

/** NATS does not let us in. */
export class BusRefused extends LogError {
  readonly code = 'bus_refused'
  readonly retryable = false
  constructor(cause?: unknown) {
    super('NATS refuses the user and the password. NATS_URL takes both: nats://user:password@host:4222.', { cause })
  }
}

/** The server's configuration keeps something from this user that Spool needs. */
export class BusForbids extends LogError {
  readonly code = 'bus_forbids'
  readonly retryable = false
  constructor(user: string | undefined, operation: 'publish' | 'subscription', subject: string, cause?: unknown) {
    const what = operation === 'publish' ? 'publish to' : 'subscribe to'
    super(
      `NATS does not let the user ${user ?? '(none)'} ${what} ${subject}. NATS_URL must name the service's own user, and the accounts of the server must be those of this release (infra/nats/accounts.conf).`,
      { cause },
    )
  }
}

/** NATS does not let this user write here. Nothing was stored. */
export class AppendNotPermitted extends LogError {
  readonly code = 'append_not_permitted'
  readonly retryable = false
  constructor(subject: string, cause?: unknown) {
    super(`This NATS user may not publish to ${subject}. Check the permissions in the server's configuration.`, {
      cause,
    })
  }
}

/** The session was erased; its id cannot be used again. */
export class SessionErased extends LogError {
  readonly code = 'session_erased'
  readonly retryable = false
  constructor(readonly session: string) {
    super(`Session ${session} was erased and cannot be used again. Start a new session with another id.`)
  }
}

/** The stream is not the one that was seen before: a restored or lost NATS store. Nothing may be appended. */
export class LogBehind extends LogError {
  readonly code = 'log_behind'
  readonly retryable = false
  constructor(
    readonly expected: number,
    readonly found: number,
    message = `The log ends at ${found}, but position ${expected} was already seen. The NATS store has lost data; nothing is written until it is repaired (spool log status says more).`,
  ) {
    super(message)
  }
}

/** Somebody lets a stream take events again that is being restored. Nothing was removed. */
export class StreamNotFrozen extends LogError {
  readonly code = 'stream_not_frozen'
  readonly retryable = true
  constructor(stream: string) {
    super(`${stream} takes events again though it is being restored. Nothing was removed; begin again.`)
  }
}

/** Nobody answered for the stored history. What is asked for may exist; ask again. */
export class ArchiveUnavailable extends LogError {
  readonly code = 'archive_unavailable'
  readonly retryable = true
  constructor(cause?: unknown) {
    super('The persistence service does not answer. Nothing is lost; try again in a moment.', { cause })
  }
}

/** A job queue or the intake is full. Nothing was queued. */
export class QueueFull extends LogError {
  readonly code = 'overloaded'
  readonly retryable = true
  constructor(subject: string, cause?: unknown) {
    super(`The queue for ${subject} is full. Nothing was queued; try again in a few seconds.`, { cause })
  }
}

/** A stream of the log has no room: what it holds is not being stored. Appends wait. */
export class LogFull extends LogError {
  readonly code = 'log_full'
  readonly retryable = true
  constructor(readonly stream: string) {
    super(
      'The log is full, because what it holds is not being stored: persistence or its database is away or behind. Nothing is lost, and all goes on by itself once it is stored.',
    )
  }
}

/** The store for blobs has no room. Nothing was stored; an operator has to give it more, or erase sessions. */
export class BlobStoreFull extends LogError {
  readonly code = 'blob_store_full'
  readonly retryable = true
  constructor(cause?: unknown) {
    super('The store for large contents is full. Nothing was stored. Give NATS more room, or erase sessions.', {
      cause,
    })
  }
}

/** Larger than a blob may be. Nothing was stored. */
export class BlobTooLarge extends LogError {
  readonly code = 'blob_too_large'
  readonly retryable = false
  constructor(bytes: number, maxBytes: number) {
    super(`${bytes} bytes are too large to store; at most ${maxBytes} are allowed.`)
  }
}

/** A blob is not what was put: its session was erased meanwhile, or the store has lost a part of it. */
export class BlobBroken extends LogError {
  readonly code = 'blob_broken'
  readonly retryable = false
  constructor(id: string) {
    super(`Blob ${id} is not whole any more. It cannot be read; the session's events are not touched by that.`)
  }
}

/** The server is older than the floor and would silently ignore settings we rely on. */
export class ServerTooOld extends LogError {
  readonly code = 'nats_too_old'
  readonly retryable = false
  constructor(
    readonly found: string,
    readonly floor: string,
  ) {
    super(
      `NATS server ${found} is too old: ${floor} or newer is needed. Install a current nats-server (a release archive or a newer package) or point NATS_URL at one.`,
    )
  }
}

/** It runs, but its replicas would not stay alike. */
export class ServerTooOldForClusters extends LogError {
  readonly code = 'nats_too_old_for_clusters'
  readonly retryable = false
  constructor(
    readonly found: string,
    readonly floor: string,
  ) {
    super(
      `NATS server ${found} is too old for streams with replicas: when a node dies, jobs may be lost. Run all nodes on ${floor} or newer, or a single server with SPOOL_REPLICAS=1.`,
    )
  }
}

/** What is configured does not fit what the deployment was created with. */
export class DeploymentMismatch extends LogError {
  readonly code = 'deployment_mismatch'
  readonly retryable = false
}

/** A cursor that cannot be continued: the reader has to start again from a snapshot. */
export class CursorLost extends LogError {
  readonly code = 'cursor_lost'
  readonly retryable = false
  constructor(
    readonly cursor: string,
    readonly reason: string,
  ) {
    super(`The position ${cursor} cannot be continued: ${reason}`)
  }
}
