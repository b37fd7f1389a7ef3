import { createHmac } from 'node:crypto'

/** The headers by which a webhook knows that a request is ours, and how old it is. */
export function sign(body: string, secret: string, timestamp: number): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  return { 'spool-timestamp': String(timestamp), 'spool-signature': `v1=${digest}` }
}
