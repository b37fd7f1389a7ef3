import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import { chunkOfBlob, copiedBlob } from '@spool/store'
import type { Observable } from 'rxjs'
import { Answers } from './answers.ts'
import { blobAsk, blobChunkAsk } from './ask.ts'

/** Blobs that have left NATS (`BlobArchive` in @spool/log). */
@Controller()
export class BlobsController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.blob')
  blob(data: unknown): Promise<Observable<string>> {
    return this.answers.to(blobAsk, data, ({ kysely }, ref) => copiedBlob(kysely, ref))
  }

  @MessagePattern('query.blob_chunk')
  chunk(data: unknown): Promise<Observable<string>> {
    return this.answers.to(blobChunkAsk, data, async ({ kysely }, ref) => {
      const bytes = await chunkOfBlob(kysely, ref, ref.number)
      return bytes?.toString('base64') ?? null
    })
  }
}
