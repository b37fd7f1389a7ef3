import { Controller, Get, Inject, Post, Req, Res, type Type } from '@nestjs/common'
import { type Dialect, DIALECTS } from '@spool/dialects'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { Chats } from './chats.ts'
import { asking, askingWhole, resuming } from './operations.ts'

/** The routes of a dialect: none is known by name here. */
function controllerOf(dialect: Dialect): Type {
  @Controller(dialect.path)
  class DialectController {
    constructor(@Inject(Chats) private readonly chats: Chats) {}

    @Post()
    @Described(asking(dialect))
    ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.chats.ask(dialect, request, reply)
    }

    @Get()
    @Described(resuming(dialect))
    resume(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.chats.resume(dialect, request, reply)
    }
  }
  return DialectController
}

function wholeControllerOf(dialect: Dialect, path: string): Type {
  @Controller(path)
  class WholeController {
    constructor(@Inject(Chats) private readonly chats: Chats) {}

    @Post()
    @Described(askingWhole(dialect))
    ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.chats.ask(dialect, request, reply, 'whole')
    }
  }
  return WholeController
}

export const dialectControllers: readonly Type[] = DIALECTS.flatMap((dialect) => [
  controllerOf(dialect),
  ...(dialect.wholePath === undefined ? [] : [wholeControllerOf(dialect, dialect.wholePath)]),
])
