/** Keeps so many answers going, each followed by the next: the load beside. Told over IPC what and how many; says when they go. */
import { type Asked, firstWordMs, proxy, spool } from './asked.ts'

export interface Beside {
  of: 'spool' | 'proxy'
  url: string
  key: string
  streams: number
}

const WORDS = 400

async function keepGoing(asked: Asked): Promise<never> {
  for (;;) await firstWordMs(asked, WORDS)
}

process.once('message', (message) => {
  const { of, url, key, streams } = message as Beside
  const asked = of === 'spool' ? spool(url, key) : proxy(url)
  for (let index = 0; index < streams; index++) setTimeout(() => void keepGoing(asked), (index / streams) * 1000)
})
process.once('disconnect', () => process.exit())
