/** The state does not hold the message: it is stale, or the job that names the message is wrong. */
export class UnknownMessage extends Error {
  readonly code = 'message_unknown'
  override readonly name = 'UnknownMessage'

  constructor(message: string) {
    super(`The session has no message ${message}.`)
  }
}
