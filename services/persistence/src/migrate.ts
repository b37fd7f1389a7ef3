import { setTimeout as delay } from 'node:timers/promises'
import { type Environment, loadConfig, url } from '@spool/config'
import { z } from 'zod'
import { isUnreachable, migrate, openDatabase } from '@spool/store'

const WAIT_MS = 30_000

const schema = z.object({
  DATABASE_URL: url('postgres', 'postgresql').describe('The database to prepare'),
})

/** `node migrate.js`: brings the database to the level that this release needs, then exits. */
async function main(env: Environment): Promise<void> {
  const { DATABASE_URL } = loadConfig(schema, env)
  const database = openDatabase({ url: DATABASE_URL, name: 'migrate', connections: 2 })
  const giveUpAtMs = Date.now() + WAIT_MS
  try {
    for (;;) {
      try {
        const done = await migrate(database.kysely)
        process.stdout.write(done.length === 0 ? 'The database is up to date.\n' : `Applied ${done.join(', ')}.\n`)
        return
      } catch (error) {
        if (!isUnreachable(error) || Date.now() > giveUpAtMs) throw error
        await delay(200)
      }
    }
  } finally {
    await database.close()
  }
}

try {
  await main(process.env)
} catch (error) {
  process.stderr.write(`Cannot prepare the database: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
