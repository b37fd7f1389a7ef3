import { Injectable } from '@nestjs/common'

/** Whether this process is on its way out: nothing new is begun. */
@Injectable()
export class Draining {
  private started = false

  get begun(): boolean {
    return this.started
  }

  begin(): void {
    this.started = true
  }
}
