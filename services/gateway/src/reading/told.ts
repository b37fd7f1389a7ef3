import { Injectable } from '@nestjs/common'
import type { SessionRef } from '@spool/log'

const MAX_SESSIONS = 20_000

/** The last position of each session that a client was told here, so that it can read what it has written. */
@Injectable()
export class Told {
  private readonly positions = new Map<string, number>()

  note({ tenant, session }: SessionRef, seq: number): void {
    const key = `${tenant}/${session}`
    const known = this.positions.get(key) ?? 0
    this.positions.delete(key)
    if (Math.max(known, seq) > 0) this.positions.set(key, Math.max(known, seq))
    if (this.positions.size > MAX_SESSIONS) this.positions.delete(this.positions.keys().next().value!)
  }

  last({ tenant, session }: SessionRef): number {
    return this.positions.get(`${tenant}/${session}`) ?? 0
  }
}
