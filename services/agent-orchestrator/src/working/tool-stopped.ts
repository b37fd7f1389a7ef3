/** The reason with which a tool's signal is aborted. */
export class ToolStopped extends Error {
  override readonly name = 'ToolStopped'
  constructor(readonly why: 'timed-out' | 'cancelled' | 'lost' | 'handed-over') {
    super(`The call of the tool is ${why}.`)
  }
}
