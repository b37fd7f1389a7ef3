import { namedEventSchema } from '@spool/events'
import { z } from 'zod'
import { component } from './schemas.ts'
import { identifier, instant, position } from './scalars.ts'

/** Where an event lies, which its reader is told with it. */
const place = {
  session: identifier,
  seq: position.describe('Its position. Grows within a session, with gaps.'),
  prev: position.describe('The position of the session’s event before it; 0 of the first.'),
}

const known = namedEventSchema.options.map((schema) =>
  component(`event.${schema.shape.type.value}`, z.object({ ...schema.shape, ...place })),
)

const custom = component(
  'event.custom',
  z.object({
    v: z.int().min(1),
    type: z.string().regex(/^custom\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/),
    run: identifier.optional(),
    at: instant,
    data: z.unknown().optional(),
    ...place,
  }),
)

/** As it is told to followers. Types that are not here may come with any release. */
export const eventOnTheWire = component('Event', z.union([...known, custom]))
