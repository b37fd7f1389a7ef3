import { RouteConfig } from '@nestjs/platform-fastify'
import type { Operation } from './operation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation
  }
}

/**
 * Says what a route is, in the OpenAPI document and at `/docs`. A test fails for a route without it.
 *
 * ```ts
 * // notes/operations.ts
 * export const readNote: Operation = {
 *   id: 'readNote',
 *   group: 'Sessions',
 *   summary: 'A note',
 *   query: { at: AT },
 *   answers: { 200: { description: 'The note.', json: z.object({ id: identifier, text: z.string() }) } },
 *   problems: { 404: ['note_not_found'] },
 * }
 *
 * // notes/notes.controller.ts
 * @Get(':note')
 * @Described(readNote)
 * note(…)
 * ```
 *
 * A route that is no controller's says the same in its options: `config: { operation: readNote }`.
 */
export const Described = (operation: Operation): MethodDecorator & ClassDecorator => RouteConfig({ operation })
