import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { ChainWriter, type Log, type SessionRef } from '@spool/log'

/** One long answer, of so many events. Gives back the first position, from which a client comes back, and the last. */
export async function writeLongAnswer(
  log: Log,
  ref: SessionRef,
  events: number,
): Promise<{ first: number; last: number }> {
  const writer = new ChainWriter(log, ref, 0)
  const [run, input, message] = [newId(), newId(), newId()]
  const say = async (event: SpoolEvent) => {
    const appended = await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
    if (appended.outcome !== 'stored') throw new Error('somebody else has written')
    return appended.seq
  }
  const first = await say(draft('run.started', { run, kind: 'agent', agent: 'default', model: 'demo', input }))
  await say(
    draft('message.started', { run, message, role: 'assistant', purpose: 'answer', provider: 'demo', model: 'demo' }),
  )
  for (let sequence = 1; sequence <= events - 2; sequence++) {
    await say(draft('text.delta', { run, message, sequence, text: `some words of the answer, ${sequence} ` }))
  }
  return { first, last: writer.position }
}
