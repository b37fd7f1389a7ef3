/** The reason with which a provider's call is aborted. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  constructor(readonly why: 'cancelled' | 'lost' | 'handed-over') {
    super(`The answer is ${why}.`)
  }
}
