/** What an export must not be like. The first one of a file is told. */
export class Fault extends Error {
  override readonly name = 'Fault'

  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message)
  }
}
