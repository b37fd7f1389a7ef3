import { Controller, Get, Inject, Req, Res, type Type } from '@nestjs/common'
import { type Dialect, DIALECTS, type View } from '@spool/dialects'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { viewing } from './operations.ts'
import { Views } from './views.ts'

function controllerOf(dialect: Dialect, view: View): Type {
  @Controller(view.path)
  class ViewController {
    constructor(@Inject(Views) private readonly views: Views) {}

    @Get()
    @Described(viewing(dialect, view))
    show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.views.show(view, request, reply)
    }
  }
  return ViewController
}

export const viewControllers: readonly Type[] = DIALECTS.flatMap((dialect) =>
  (dialect.views ?? []).map((view) => controllerOf(dialect, view)),
)
