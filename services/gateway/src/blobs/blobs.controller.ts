import { Readable } from 'node:stream'
import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { BlobArchive, Blobs, type Bus, type Queries } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { Described } from '../describing/described.ts'
import { readBlob } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, sessionOf } from '../serving/request.ts'
import { BUS, QUERIES } from '../tokens.ts'
import { blobHeaders } from './blob-headers.ts'

/** What is too large for an event, byte by byte. */
@Controller('v1/sessions')
export class BlobsController {
  private readonly blobs: Blobs

  constructor(
    @Inject(BUS) bus: Bus,
    @Inject(QUERIES) queries: Queries,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {
    this.blobs = new Blobs(bus, new BlobArchive(queries))
  }

  @Get(':session/blobs/:blob')
  @Described(readBlob)
  blob(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const id = idOf(request, 'blob')
      const blob = await this.blobs.open(ref, id)
      if (blob === null) {
        // Of an erased session persistence says so, and it is refused as such.
        await this.snapshots.session(ref, 0)
        throw new Problem(404, 'blob_not_found', `There is no blob ${id} in this session.`)
      }
      // A client that takes its time is waited for: the next piece is read once this one is gone.
      const body = Readable.from(blob.chunks, { objectMode: false })
      await reply.headers(blobHeaders(blob)).header('x-spool-session', ref.session).send(body)
    })
  }
}
