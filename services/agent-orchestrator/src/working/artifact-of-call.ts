import { type EventFields, draft } from '@spool/events'
import { BlobStoreFull, BlobTooLarge } from '@spool/log'
import { ToolError } from '../tools/tool-error.ts'
import type { NewArtifact } from '../tools/tool.ts'
import type { CallWriter } from './call-writer.ts'
import type { StoreBlob } from './store-blob.ts'
import { ToolStopped } from './tool-stopped.ts'

const MOST_IN_EVENT_BYTES = 128 * 1024

/** The artifact of a call, named after it: an attempt that comes after one that had made it finds it in the log. */
export class ArtifactOfCall {
  private isAsked = false

  constructor(
    private readonly writer: CallWriter,
    private readonly store: StoreBlob,
  ) {}

  async create(artifact: NewArtifact): Promise<void> {
    if (this.isAsked) throw new Error('A call makes one artifact at most.')
    this.isAsked = true
    const { writer } = this
    const { id, run } = writer.call
    if (writer.state.artifacts.some((known) => known.id === id)) return
    writer.signal.throwIfAborted()
    const { kind, title, filename, mediaType: media_type } = artifact
    const content = await this.contentOf(artifact)
    const event = draft('artifact.created', { run, artifact: id, kind, title, filename, media_type, ...content })
    if (await writer.append(event)) return
    writer.signal.throwIfAborted()
    throw new ToolStopped('lost')
  }

  private async contentOf({ content, mediaType }: NewArtifact): Promise<Pick<Created, 'content' | 'blob'>> {
    if (Buffer.byteLength(JSON.stringify(content)) <= MOST_IN_EVENT_BYTES) return { content }
    try {
      return { blob: await this.store(Buffer.from(content), mediaType) }
    } catch (error) {
      if (error instanceof BlobTooLarge) throw new ToolError('artifact_too_large', error.message, { cause: error })
      if (error instanceof BlobStoreFull) {
        const message = 'There is no room to store this. Whoever runs the system has to make some.'
        throw new ToolError('artifact_not_stored', message, { cause: error })
      }
      throw error
    }
  }
}

type Created = EventFields<'artifact.created'>
