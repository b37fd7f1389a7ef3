import { QUEUE_STREAMS, type QueuedJob, type QueueStream } from '@spool/log'
import { usageProblem } from '../problem.ts'

/** `work:1234`: the stream and the place in it. Never used again for another job. */
export const idOfJob = ({ stream, seq }: Pick<QueuedJob, 'stream' | 'seq'>) => `${stream.toLowerCase()}:${seq}`

export function readJobId(id: string): { readonly stream: QueueStream; readonly seq: number } {
  const [, name, place] = /^(control|intake|work):([1-9]\d{0,15})$/i.exec(id) ?? []
  const stream = QUEUE_STREAMS.find((known) => known === name?.toUpperCase())
  const seq = Number(place)
  if (stream !== undefined && Number.isSafeInteger(seq)) return { stream, seq }
  throw usageProblem(`"${id}" is no job: spool jobs shows them, as work:1234. Nothing was done.`)
}
