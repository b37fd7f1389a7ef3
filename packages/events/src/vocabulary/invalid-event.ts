/** A mistake in the program that drafts the event; trying again does not help. */
export class InvalidEvent extends Error {
  readonly code = 'event_invalid'
  override readonly name = 'InvalidEvent'

  constructor(type: string, options?: ErrorOptions) {
    super(`An event of type ${type} does not fit its schema.`, options)
  }
}
