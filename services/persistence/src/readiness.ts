import type { Readiness } from '@spool/log'
import { sql } from 'kysely'
import { type Database, missingMigrations } from '@spool/store'
import type { Projector } from './projecting/projector.ts'
import { isShardHeld } from './projecting/shard-lock.ts'

/** Whether this copy can be used: Postgres answers at the right level, and every shard is projected by somebody. */
export class ReadinessCheck {
  private levelIsRight = false

  constructor(
    private readonly database: Database,
    private readonly projectors: readonly Projector[],
  ) {}

  async check(): Promise<Readiness> {
    const { kysely } = this.database
    try {
      await sql`select 1`.execute(kysely)
      const missing = await this.missingLevel()
      if (missing !== null) return { ok: false, detail: missing }
    } catch {
      return { ok: false, detail: 'Postgres does not answer' }
    }
    const diverged = await kysely
      .selectFrom('projection')
      .select('diverged')
      .where('diverged', 'is not', null)
      .execute()
    if (diverged[0] !== undefined) return { ok: false, detail: diverged[0].diverged ?? undefined }
    for (const projector of this.projectors) {
      if (projector.role === 'projecting') continue
      if (projector.role !== 'standby' || !(await isShardHeld(kysely, projector.shard))) {
        return { ok: false, detail: `nobody stores shard ${projector.shard} yet` }
      }
    }
    return { ok: true }
  }

  /** `null`, or what to do. Asked until it is right once: a level never goes back. */
  async missingLevel(): Promise<string | null> {
    if (this.levelIsRight) return null
    const missing = await missingMigrations(this.database.kysely)
    this.levelIsRight = missing.length === 0
    return this.levelIsRight
      ? null
      : `The database lacks ${missing.join(', ')}. Run: node services/persistence/dist/migrate.js`
  }
}
