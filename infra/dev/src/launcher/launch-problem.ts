/** Spool cannot be started, and a person can do something about it: the message says what. */
export class LaunchProblem extends Error {
  readonly code = 'launch_problem'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LaunchProblem'
  }
}
