/**
 * What Spool adds to the time until the first token, beside a plain proxy before the same model: the same client asks one,
 * then the other, each time for a new conversation. The model says its first word at once, so all of the time is added.
 * One request at a time; then with other answers going on through the same system.
 */
import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startSpool } from '@spool/testing'
import type { Figure, Setting } from './figure.ts'
import { type Asked, firstWordMs, proxy, spool } from './first-token/asked.ts'
import type { Beside } from './first-token/streams-beside.ts'
import { measured } from './measuring.ts'
import { ServerProcess } from './server-process.ts'
import { spread } from './statistics.ts'

const STREAMS_BESIDE = 20
const WORDS = 2
/** Alternately so many of each, while streams go on beside them. */
const BLOCK = 50

interface Side {
  asked: Asked
  beside: Omit<Beside, 'streams'>
}

export async function measureFirstToken({ quick, sync }: Setting): Promise<Figure[]> {
  const model = await ServerProcess.start(new URL('first-token/model-server.ts', import.meta.url))
  const plain = await ServerProcess.start(new URL('first-token/plain-proxy.ts', import.meta.url), {
    MODEL_URL: model.url,
  })
  const env = {
    OPENAI_BASE_URL: `${model.url}/v1`,
    OPENAI_API_KEY: 'a-key',
    OPENAI_MODEL: 'a-model',
    SPOOL_CONFIG: 'none',
  }
  const system = await startSpool({ env })
  try {
    const { url, key } = system
    const sides: Side[] = [
      { asked: spool(url, key), beside: { of: 'spool', url, key } },
      { asked: proxy(plain.url), beside: { of: 'proxy', url: plain.url, key: '' } },
    ]
    // Nobody measures what is compiled for the first time.
    await alternately(sides, quick ? 5 : 100)
    const alone = await alternately(sides, quick ? 20 : 300)
    const together = [[], []] as number[][]
    for (let block = 0; block < (quick ? 1 : 4); block++) {
      for (const [index, side] of sides.entries()) {
        together[index]!.push(...(await besideOthers(side, quick ? 10 : BLOCK)))
      }
    }
    const what = 'from the request for an answer in a new session to its first token'
    return [
      figureOf(`${what}, one at a time`, sync, alone),
      figureOf(`${what}, beside ${STREAMS_BESIDE} streams of 50 tokens/s`, sync, together),
    ]
  } finally {
    await system.stop()
    await plain.kill()
    await model.kill()
  }
}

/** @param all of Spool, and of the proxy */
function figureOf(what: string, sync: Setting['sync'], [ours = [], plain = []]: readonly number[][]): Figure {
  return {
    what,
    unit: 'ms',
    sync,
    spool: spread(ours),
    beside: { 'plain proxy': spread(plain) },
    note: 'Spool has stored the question by then, and where a client may go on; the proxy keeps nothing.',
  }
}

async function alternately(sides: readonly Side[], times: number): Promise<number[][]> {
  const all = sides.map(() => [] as number[])
  for (let time = 0; time < times; time++) {
    for (const [index, { asked }] of sides.entries()) all[index]!.push(await firstWordMs(asked, WORDS))
  }
  return all
}

async function besideOthers({ asked, beside }: Side, times: number): Promise<number[]> {
  const others = fork(fileURLToPath(new URL('first-token/streams-beside.ts', import.meta.url)))
  try {
    others.send({ ...beside, streams: STREAMS_BESIDE } satisfies Beside)
    // All have begun, over the first second.
    await sleep(2500)
    const all: number[] = []
    for (let time = 0; time < times; time++) all.push(await firstWordMs(asked, WORDS))
    return all
  } finally {
    others.kill('SIGKILL')
  }
}

if (import.meta.main) await measured(measureFirstToken)
