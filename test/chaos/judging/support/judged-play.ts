import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startSpool } from '@spool/testing'
import { writeAgentsFile } from '../../../e2e/support/agents-file.ts'
import { OutsideWorld } from '../../../e2e/support/outside-world.ts'
import { Asking } from '../asking.ts'
import { gather, type Gathered } from '../gather.ts'
import type { JudgedPlay, JudgedSystem } from '../judged.ts'
import { type Concerned, sessionVerdict } from '../session-verdict.ts'
import { Stores } from '../stores.ts'
import { SMALL_PLAY_AGENTS, smallPlay } from './small-play.ts'

/** A small play on a real system, and all that is to be known of it. */
export interface JudgedMaterial {
  readonly system: JudgedSystem
  readonly play: JudgedPlay
  readonly stores: Stores
  readonly asking: Asking
  /** Of each session. */
  of(session: string): Gathered
  concerned(session: string): Concerned
  /** What the judge says of a session where everything is as it was, but for this. */
  faults(gathered: Gathered, other?: Partial<Concerned>): readonly string[]
  stop(): Promise<void>
}

export async function judgedPlay(): Promise<JudgedMaterial> {
  const world = await OutsideWorld.start()
  const { folder, env } = writeAgentsFile(world.url, 1000, SMALL_PLAY_AGENTS)
  const spool = await startSpool({ env })
  const { natsUrl, databaseUrl } = JSON.parse(readFileSync(join(spool.dataFolder, 'run/connections.json'), 'utf8'))
  const system = { urls: spool.urls, key: spool.key, natsUrl, databaseUrl, world }
  const play = await smallPlay(spool)
  const stores = await Stores.open(system)
  const asking = new Asking(system)
  await stores.settled()
  const sessions = new Map<string, Gathered>()
  for (const { session } of play.runs) sessions.set(session, await gather(session, stores, asking))
  const concerned = (session: string) => ({
    runs: play.runs.filter((run) => run.session === session),
    clients: play.logs.filter((log) => log.session === session),
    world,
  })
  return {
    system,
    play,
    stores,
    asking,
    of: (session) => sessions.get(session)!,
    concerned,
    faults: (gathered, other) => sessionVerdict(gathered, { ...concerned(gathered.session), ...other }).faults,
    async stop() {
      await stores.close()
      await spool.stop()
      world.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Sessions of the play. */
export const TALK = 'native-0'
export const CALLS = 'native-1'
export const PLAN = 'native-2'
export const CUT = 'native-3'
export const REMEMBER = 'native-4'
