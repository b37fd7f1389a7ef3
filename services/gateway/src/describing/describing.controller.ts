import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { spoolVersion } from '../health/spool-version.ts'
import { Described } from './described.ts'
import { documentOf, type OpenApiDocument } from './document.ts'
import { readDocs, readDocument } from './operations.ts'
import { pageOf } from './page.ts'
import { Routes } from './routes.ts'
import { PAGE_POLICY } from './page-style.ts'

/** Stands in the page for the address of this server, which each reader may know by another. */
const PLACEHOLDER = 'http://spool.invalid'

/** What can be called, for programs and for people. Made when it is first asked for: most processes never are. */
@Controller()
export class DescribingController {
  private document: OpenApiDocument | undefined
  private json: string | undefined
  private page: string | undefined

  constructor(@Inject(Routes) private readonly routes: Routes) {}

  @Get('openapi.json')
  @Described(readDocument)
  async openApi(@Res() reply: FastifyReply): Promise<void> {
    this.json ??= JSON.stringify(this.described())
    await reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8').send(this.json)
  }

  @Get('docs')
  @Described(readDocs)
  async docs(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.page ??= pageOf(this.described(), PLACEHOLDER)
    await reply
      .headers({
        'cache-control': 'no-cache',
        vary: 'host',
        'content-security-policy': PAGE_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      .type('text/html; charset=utf-8')
      .send(this.page.replaceAll(PLACEHOLDER, baseUrlOf(request)))
  }

  private described(): OpenApiDocument {
    return (this.document ??= documentOf(this.routes.all, spoolVersion))
  }
}

/** As the reader has called us, for examples that can be copied. Whatever else a host may be called is not repeated. */
function baseUrlOf({ headers }: FastifyRequest): string {
  const host = headers.host ?? ''
  const isPlain = /^([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i.test(host)
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
  return isPlain ? `${scheme}://${host}` : 'http://localhost:8080'
}
