import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { forbidden } from '../admitting/allowed.ts'
import type { Config } from '../config.ts'
import { Described } from '../describing/described.ts'
import { Problem } from '../problems/problem.ts'
import { CONFIG } from '../tokens.ts'
import { isForeignPage } from './foreign-page.ts'
import { openSocket } from './socket-route.ts'
import { Sockets } from './sockets.ts'
import { upgradeOf } from './upgrades.ts'

@Controller('v1/ws')
export class SocketController {
  constructor(
    @Inject(Sockets) private readonly sockets: Sockets,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Any number of sessions over one connection. */
  @Get()
  @Described(openSocket)
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const upgrade = upgradeOf(request.raw)
    if (upgrade === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new Problem(426, 'upgrade_required', 'This address speaks WebSocket: ask for an upgrade.', {
        headers: { upgrade: 'websocket' },
      })
    }
    if (request.caller.by === 'nothing' && isForeignPage(request.headers, this.config.SPOOL_CORS_ORIGINS)) {
      throw forbidden('Pages of this origin may not ask without a key. Name it in SPOOL_CORS_ORIGINS to let them.')
    }
    this.sockets.accept(request, reply, upgrade)
  }
}
