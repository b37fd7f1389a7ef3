import { Injectable } from '@nestjs/common'

/** Whether this process is on its way out: nothing new is begun, and what waits stops waiting. */
@Injectable()
export class Draining {
  private readonly abort = new AbortController()

  get begun(): boolean {
    return this.abort.signal.aborted
  }

  get signal(): AbortSignal {
    return this.abort.signal
  }

  begin(): void {
    this.abort.abort()
  }
}
