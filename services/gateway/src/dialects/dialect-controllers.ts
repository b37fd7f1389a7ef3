import { Controller, Get, Inject, Post, Req, Res, type Type } from '@nestjs/common'
import { type Dialect, DIALECTS } from '@spool/dialects'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Chats } from './chats.ts'

/** The routes of a dialect: none is known by name here. */
function controllerOf(dialect: Dialect): Type {
  @Controller(dialect.path)
  class DialectController {
    constructor(@Inject(Chats) private readonly chats: Chats) {}

    @Post()
    ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.chats.ask(dialect, request, reply)
    }

    @Get()
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
