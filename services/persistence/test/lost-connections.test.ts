import { startPostgres } from '@spool/testing'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '@spool/store'

test('a connection that ends while it is in use, between two statements, ends neither the process nor the others', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const { kysely, close } = openDatabase({ url: postgres.url, name: 'test', connections: 2 })
  onTestFinished(() => close())
  const ownPid = sql<{ pid: number }>`select pg_backend_pid() as pid`
  const inUse = kysely.connection().execute(async (connection) => {
    const { pid } = (await ownPid.execute(connection)).rows[0]!
    await sql`select pg_terminate_backend(${pid})`.execute(kysely)
    const alive = sql`select from pg_stat_activity where pid = ${pid}`
    await expect.poll(async () => (await alive.execute(kysely)).rows).toEqual([])
    return ownPid.execute(connection)
  })
  await expect(inUse).rejects.toThrow()
  expect((await ownPid.execute(kysely)).rows).toHaveLength(1)
})
