import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Schema } from '../database/schema.ts'
import { MIGRATIONS } from './migrations.ts'

/** Brings the database to the newest level; safe to run at any time, by many at once. Returns what was applied. */
export async function migrate(kysely: Kysely<Schema>): Promise<string[]> {
  const { error, results = [] } = await migratorOf(kysely).migrateToLatest()
  if (error !== undefined) throw error
  return results.filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

/** The names of the steps that this release needs and the database does not have. */
export async function missingMigrations(kysely: Kysely<Schema>): Promise<string[]> {
  const known = await migratorOf(kysely).getMigrations()
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
}

/** The names of the steps that the database has and this release does not know. */
export async function unknownMigrations(kysely: Kysely<Schema>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(kysely)
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(MIGRATIONS, name))
}

function migratorOf(kysely: Kysely<Schema>): Migrator {
  return new Migrator({ db: kysely, provider: { getMigrations: async () => MIGRATIONS } })
}
