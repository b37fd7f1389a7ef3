/** Somebody asked for the end before everything was up. */
export class LaunchCalledOff extends Error {
  readonly code = 'launch_called_off'

  constructor() {
    super('stopped before everything was up')
    this.name = 'LaunchCalledOff'
  }
}
