import { draft } from '@spool/events'
import { ToolError } from '../tools/tool-error.ts'
import type { CallWriter } from './call-writer.ts'
import { ToolStopped } from './tool-stopped.ts'

const NAME = /^custom\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/
const MOST_NAME_CHARACTERS = 128
const MOST_BYTES = 128 * 1024

/** Whatever a tool says to those who follow, beside its output; an attempt that comes after this one says it again. */
export async function emitCustom(writer: CallWriter, type: string, data: unknown): Promise<void> {
  if (!NAME.test(type) || type.length > MOST_NAME_CHARACTERS) {
    throw new ToolError('event_unnamed', `An event of one's own is named custom.<name>, not ${type.slice(0, 100)}.`)
  }
  const bytes = data === undefined ? 0 : Buffer.byteLength(JSON.stringify(data) ?? '')
  if (bytes > MOST_BYTES) {
    throw new ToolError('event_too_large', `${type} has ${bytes} bytes as JSON; at most ${MOST_BYTES} are allowed.`)
  }
  writer.signal.throwIfAborted()
  const event = draft(type as `custom.${string}`, { run: writer.call.run, ...(data !== undefined && { data }) })
  if (await writer.append(event)) return
  writer.signal.throwIfAborted()
  throw new ToolStopped('lost')
}
