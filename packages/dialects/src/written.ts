import type { Frame } from './dialect.ts'

/** As they are sent. The last frame of an event carries its id; who was cut before it gets all of them again. */
export function written(frames: readonly Frame[], id?: string): string {
  let text = ''
  for (const [index, { event, data }] of frames.entries()) {
    if (id !== undefined && index === frames.length - 1) text += `id: ${id}\n`
    if (event !== undefined) text += `event: ${event}\n`
    text += `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
  }
  return text
}
