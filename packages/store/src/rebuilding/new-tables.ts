import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { RebuildRefused } from './rebuild-problems.ts'

/** Where the new tables are filled. Whoever has it first in the search path writes there instead. */
const SCHEMA = 'rebuilding'

/** All statements of the transaction after this one write into the new tables and read from them. */
export async function useNewTables(trx: Kysely<Schema>): Promise<void> {
  await sql`set local search_path to ${sql.raw(SCHEMA)}, public`.execute(trx)
}

/**
 * Empty tables like those that are there, with nothing but their primary keys: other indexes are made faster once the
 * rows are there. What a rebuild left behind that was killed goes first.
 */
export async function createNewTables(kysely: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  await refuseIfHungOn(kysely, tables)
  await dropNewTables(kysely)
  await sql`create schema ${sql.id(SCHEMA)}`.execute(kysely)
  for (const table of tables) {
    await sql`
      create table ${newTable(table)} (like ${oldTable(table)} including all excluding indexes)`.execute(kysely)
    await runAll(
      kysely,
      sql<{ statement: string }>`
        select format('alter table rebuilding.%I set (%s)', relname, array_to_string(reloptions, ', ')) as statement
        from pg_class where oid = ${oid(table)} and reloptions is not null
        union all
        select format('comment on table rebuilding.%I is %L', relname, obj_description(oid)) from pg_class
        where oid = ${oid(table)} and obj_description(oid) is not null
        union all
        select format('grant %s on rebuilding.%I to %s', privilege_type, relname,
          case grantee when 0 then 'public' else grantee::regrole::text end)
        from pg_class, aclexplode(relacl) where oid = ${oid(table)} and grantee <> relowner
        union all
        select format('alter table rebuilding.%I add constraint %I %s', ${table}::text, conname,
          pg_get_constraintdef(oid))
        from pg_constraint where conrelid = ${oid(table)} and contype = 'p'`,
    )
  }
}

/** The other indexes, under the names that they have in the old tables; and what the planner wants to know. */
export async function completeNewTables(kysely: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await runAll(
      kysely,
      sql<{ statement: string }>`
        select format('alter table rebuilding.%I add constraint %I %s', ${table}::text, conname,
          pg_get_constraintdef(oid)) as statement
        from pg_constraint where conrelid = ${oid(table)} and contype in ('u', 'x')
        union all
        select replace(pg_get_indexdef(indexrelid), ' ON public.', ' ON rebuilding.') from pg_index
        where indrelid = ${oid(table)} and not exists (select from pg_constraint where conindid = indexrelid)`,
    )
    await sql`analyze ${newTable(table)}`.execute(kysely)
  }
}

/** Puts the new tables in the place of the old ones. To be called while nobody else uses these. */
export async function putNewTablesInPlace(trx: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await sql`drop table ${oldTable(table)}`.execute(trx)
    await sql`alter table ${newTable(table)} set schema public`.execute(trx)
  }
}

export async function areNewTablesThere(kysely: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select to_regnamespace(${SCHEMA}) is not null as there`.execute(kysely)
  return rows[0]!.there
}

export async function dropNewTables(kysely: Kysely<Schema>): Promise<void> {
  await sql`drop schema if exists ${sql.id(SCHEMA)} cascade`.execute(kysely)
}

export const oldTable = (table: string) => sql.table(`public.${table}`)
export const newTable = (table: string) => sql.table(`${SCHEMA}.${table}`)

const oid = (table: string) => sql`${`public.${table}`}::regclass`

/** What somebody has built on these tables would go with them, or keep them from going. */
async function refuseIfHungOn(kysely: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  const { rows } = await sql<{ what: string }>`
    select distinct pg_describe_object(classid, objid, 0) as what from pg_depend
    where refclassid = 'pg_class'::regclass and refobjid = any(${tables.map((table) => `public.${table}`)}::regclass[])
      and (
        classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_policy'::regclass,
          'pg_publication_rel'::regclass)
        or classid = 'pg_trigger'::regclass and not (select tgisinternal from pg_trigger where oid = objid)
        or classid = 'pg_constraint'::regclass and (select contype = 'f' from pg_constraint where oid = objid)
      )
    order by what`.execute(kysely)
  if (rows.length === 0) return
  throw new RebuildRefused(
    `Something of yours hangs on the tables that would be replaced:\n${rows.map(({ what }) => `  ${what}`).join('\n')}\nNothing was changed. Remove it, rebuild, and make it again.`,
  )
}

async function runAll(
  kysely: Kysely<Schema>,
  statements: { execute(kysely: Kysely<Schema>): Promise<{ rows: { statement: string }[] }> },
): Promise<void> {
  const { rows } = await statements.execute(kysely)
  for (const { statement } of rows) await sql.raw(statement).execute(kysely)
}
