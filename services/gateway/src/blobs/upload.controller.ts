import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { Blobs, type Bus, isId } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionFor } from '../admitting/allowed.ts'
import { Described } from '../describing/described.ts'

import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { headerOf, onlyQuery, queryOf } from '../serving/request.ts'
import { BUS } from '../tokens.ts'
import { uploadBlob } from './operations.ts'

/** Files that messages name. */
@Controller('v1/blobs')
export class UploadController {
  private readonly blobs: Blobs

  constructor(
    @Inject(BUS) bus: Bus,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {
    this.blobs = new Blobs(bus)
  }

  /** It goes with its session: erased with it, and seen by nobody who may not see that. */
  @Post()
  @Described(uploadBlob)
  upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request, 'session')
      const { session } = sessionFor(request.caller, sessionIn(request))
      const ref = { tenant: request.tenant, session }
      const mediaType = headerOf(request, 'content-type')
      if (!Buffer.isBuffer(request.body) || mediaType === undefined) {
        throw new Problem(400, 'empty_file', 'Send the bytes of the file as the body, with its content-type.')
      }
      const blob = await this.blobs.put(ref, request.body, mediaType)
      await this.takeBackIfErased(ref, blob)
      await reply
        .code(201)
        .headers({ 'x-spool-session': session, location: `/v1/sessions/${session}/blobs/${blob}` })
        .send({ session, blob, media_type: mediaType, size: request.body.length })
    })
  }

  /** An erasure that came before it was put has not seen it. */
  private async takeBackIfErased(ref: { tenant: string; session: string }, blob: string): Promise<void> {
    try {
      await this.snapshots.session(ref, 0)
    } catch (error) {
      await this.blobs.leave(ref, blob)
      throw error
    }
  }
}

function sessionIn(request: FastifyRequest): string {
  const session = queryOf(request, 'session')
  if (isId(session)) return session
  throw new Problem(400, 'invalid_query', 'Say which session it is for: ?session=…; one that is not there yet will do.')
}
