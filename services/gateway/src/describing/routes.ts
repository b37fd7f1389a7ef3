import { Injectable } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'
import type { Operation } from './operation.ts'

export interface Route {
  readonly method: string
  /** As Fastify writes it: `/v1/sessions/:session`. */
  readonly url: string
  readonly operation: Operation | undefined
}

/** Every route that is registered from now on, whoever does. */
@Injectable()
export class Routes {
  readonly all: Route[] = []

  listen(http: FastifyInstance): void {
    http.addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) {
        // Preflights are answered by whoever answers for CORS.
        if (one !== 'OPTIONS') this.all.push({ method: one, url, operation: config?.operation })
      }
    })
  }
}
