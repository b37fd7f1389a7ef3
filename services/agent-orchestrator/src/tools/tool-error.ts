/** What went wrong in a tool, in words that the model and people may read: no secret, no stack. */
export class ToolError extends Error {
  override readonly name = 'ToolError'

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
