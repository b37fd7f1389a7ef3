import { isDeepStrictEqual } from 'node:util'
import { emptySession } from '@spool/events'
import { foldStored, type Log } from '@spool/log'
import { loadSession, openDatabase } from '@spool/store'

/** Reads each session from its beginning, wherever its events lie, and says where the stored snapshot is another fold. */
export async function wrongSnapshots(databaseUrl: string, log: Log): Promise<string[]> {
  const { kysely, close } = openDatabase({ url: databaseUrl, name: 'judge', connections: 2 })
  try {
    const wrong: string[] = []
    for (const ref of await kysely.selectFrom('sessions').select(['tenant', 'session']).execute()) {
      let state = emptySession()
      for await (const event of log.read(ref, 0, await log.lastPosition(ref))) {
        if (event.prev !== state.seq) wrong.push(`${ref.session}: ${event.seq} does not follow ${state.seq}`)
        state = foldStored(state, event)
      }
      const loaded = await loadSession(kysely, ref, { messages: 'all', finished: true })
      if (!isDeepStrictEqual(json(loaded?.state), json(state)))
        wrong.push(`${ref.session} is not the fold of its events`)
    }
    return wrong
  } finally {
    await close()
  }
}

const json = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as unknown
