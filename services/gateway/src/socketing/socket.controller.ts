import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { Problem } from '../problems/problem.ts'
import { openSocket } from './socket-route.ts'
import { Sockets } from './sockets.ts'
import { upgradeOf } from './upgrades.ts'

@Controller('v1/ws')
export class SocketController {
  constructor(@Inject(Sockets) private readonly sockets: Sockets) {}

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
    this.sockets.accept(request, reply, upgrade)
  }
}
