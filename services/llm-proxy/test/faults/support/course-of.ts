import type { StoredEvent } from '@spool/log'

/**
 * The answer's story in short, a line for each thing that happened to it: `first a-model 0` (why an attempt began, where,
 * and how much was kept), `provider_broken` (how it failed), `"text"`, and at the end `complete: stop`.
 */
export function courseOf(events: readonly StoredEvent[]): string[] {
  const lines: string[] = []
  let text = ''
  const say = (line: string) => {
    if (text !== '') lines.push(JSON.stringify(text))
    text = ''
    lines.push(line)
  }
  for (const stored of events) {
    const event = stored.event()
    if (event?.type === 'text.delta') text += event.text
    if (event?.type === 'generation.started') say(`${event.reason} ${event.model} ${event.kept}`)
    if (event?.type === 'generation.failed') say(event.error.code)
    if (event?.type === 'message.completed') say(`${event.status}: ${event.reason}`)
  }
  return lines
}
