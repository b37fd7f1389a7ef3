import { z } from 'zod'
import { routeSchema } from './route-schema.ts'

export const routesSchema = z
  .array(routeSchema)
  .min(1)
  .meta({ allowed: 'a list of at least one route, each beginning with "- provider:"' })

/** The whole file. Fields that begin with x- are a place for anchors. */
export const modelsSchema = z
  .strictObject({
    models: z.record(z.string(), routesSchema).meta({ allowed: 'a map from names to lists of routes' }),
  })
  .meta({ allowed: 'a map with the field models' })
