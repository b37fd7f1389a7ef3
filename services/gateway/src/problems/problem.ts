import { STATUS_CODES } from 'node:http'

export interface ProblemOptions extends ErrorOptions {
  /** Seconds until it makes sense to ask again. */
  retryAfter?: number
  headers?: Readonly<Record<string, string>>
  /** More members of the document. */
  members?: Readonly<Record<string, unknown>>
}

/** What a client did wrong, or what we cannot do for it now, as the document that it is told (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly headers: Readonly<Record<string, string>>
  private readonly members: Readonly<Record<string, unknown>>

  constructor(
    readonly status: number,
    /** Stable, for programs. */
    readonly code: string,
    /** For people: what is wrong and what to do. Nothing of our insides. */
    readonly detail: string,
    { retryAfter, headers = {}, members = {}, ...options }: ProblemOptions = {},
  ) {
    super(detail, options)
    this.headers = retryAfter === undefined ? headers : { ...headers, 'retry-after': String(retryAfter) }
    this.members = members
  }

  get title(): string {
    return STATUS_CODES[this.status] ?? 'Error'
  }

  document(requestId: string): Record<string, unknown> {
    return {
      type: `urn:spool:problem:${this.code}`,
      title: this.title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...this.members,
      request_id: requestId,
    }
  }
}
