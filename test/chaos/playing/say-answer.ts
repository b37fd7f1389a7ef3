import type { Answer } from './kinds.ts'
import type { Answered, StubbornClient } from './stubborn-client.ts'

const STATUS: Readonly<Record<string, number>> = { confirmation_received: 200, status: 202, error: 409 }

/** Answers the question that waits in a session in the words of the dialect `confirmation`; what it hears, as a status. */
export async function sayAnswer(
  client: StubbornClient,
  session: string,
  { action, message }: Answer,
  key: string,
): Promise<Answered> {
  const words = ['CONFIRM_ACTION', action, ...(message === undefined ? [] : [message])]
  const said = { session_id: session, message: words.join(':') }
  const { status, body } = await client.post('/api/v1/chat/stream', said, key)
  const [, type = ''] = /"chunk_type":"(\w+)"/.exec(String(body['text'])) ?? []
  // It does not say why nothing waits any more.
  return {
    status: status === 200 ? (STATUS[type] ?? status) : status,
    body: { ...body, code: 'confirmation_answered' },
  }
}
