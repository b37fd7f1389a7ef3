/** Trying again does not help: the content belongs into a blob. */
export class EventTooLarge extends Error {
  readonly code = 'event_too_large'
  override readonly name = 'EventTooLarge'
  readonly bytes: number
  readonly maxEventBytes: number

  constructor(type: string, bytes: number, maxEventBytes: number) {
    super(`An event of type ${type} has ${bytes} bytes; at most ${maxEventBytes} are allowed.`)
    this.bytes = bytes
    this.maxEventBytes = maxEventBytes
  }
}
