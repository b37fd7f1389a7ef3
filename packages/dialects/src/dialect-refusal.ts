/** A request that makes no sense in its dialect. */
export class DialectRefusal extends Error {
  override readonly name = 'DialectRefusal'

  constructor(
    readonly status: number,
    /** Stable, for programs. */
    readonly code: string,
    /** What is wrong and what to do. */
    message: string,
  ) {
    super(message)
  }
}
