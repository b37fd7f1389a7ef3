import type { Log } from '@spool/log'
import { openDatabase, type Verified, verifyStored } from '@spool/store'

/** What `spool verify --all` finds. */
export async function verifySnapshots(databaseUrl: string, log: Log): Promise<Verified> {
  const { kysely, close } = openDatabase({ url: databaseUrl, name: 'verify', connections: 3, patient: true })
  try {
    return await verifyStored(kysely, log)
  } finally {
    await close()
  }
}
