import { type SpoolUnderTest } from '@spool/testing'
import { ArchiveOverNats, Bus, Log, Queries } from '@spool/log'
import { expect } from 'vitest'
import { demoScript } from '../../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { verifySnapshots } from '../../../services/persistence/test/support/verify-snapshots.ts'
import { type Frame, chainProblems, textOf, tokensIn } from './follower.ts'
import { followRun, start, until } from './system.ts'

interface Watched {
  session: string
  run: string
  model: string
  seen: Frame[]
  whole: Promise<Frame[]>
}

/** So many answers at once, each in a session of its own and each watched from its beginning to its end. */
export async function manyStreams(
  spool: SpoolUnderTest,
  name: string,
  options: { streams: number; tokens: number; tokensPerSecond: number },
): Promise<Watched[]> {
  const { streams, tokens, tokensPerSecond } = options
  const started = Array.from({ length: streams }, async (_, index): Promise<Watched> => {
    const session = `${name}-${index}`
    const model = `demo/steady?tokens=${tokens}&tps=${tokensPerSecond}&seed=${index}`
    const { run } = await start(spool, session, { message: 'go', model })
    const seen: Frame[] = []
    const whole = followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) })
    return { session, run, model, seen, whole }
  })
  return Promise.all(started)
}

/** Until every one of them has so many tokens. */
export function untilAllHave(watched: readonly Watched[], tokens: number): Promise<void> {
  return until(`${tokens} tokens in each stream`, () => watched.every(({ seen }) => tokensIn(seen) >= tokens), 60_000)
}

/** Each watched answer: every event once, in order, and the text exactly what the model says. */
export async function expectAllWhole(watched: readonly Watched[]): Promise<void> {
  for (const { run, model, whole } of watched) {
    const frames = await whole
    expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
    expect(textOf(frames, run) === demoScript(model).join('')).toBe(true)
    expect(frames.at(-1)!.event).toBe('run.completed')
  }
}

/** The rows in Postgres are the events of the log, and the snapshots are their fold. */
export async function expectStoredAsLogged(spool: SpoolUnderTest, databaseUrl: string, natsUrl: string): Promise<void> {
  const bus = await Bus.connect({ servers: natsUrl, name: 'judge' })
  try {
    const queries = new Queries(bus)
    const log = await Log.open(bus, new ArchiveOverNats(queries))
    const { state } = await (await bus.jsm.streams.get('LOG')).info()
    await until('persistence has caught up', async () => {
      const [height] = await queries.ask<number[]>('heights', {}).catch(() => [0])
      return height === state.last_seq
    })
    const verified = await verifySnapshots(databaseUrl, log)
    expect(verified.differences).toEqual([])
    expect(verified.events).toBe(state.last_seq)
  } finally {
    await bus.close()
  }
}
