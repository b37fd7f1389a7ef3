import { z } from 'zod'
import { routeSchema } from './route-schema.ts'

const routesSchema = z
  .array(routeSchema)
  .min(1)
  .meta({ allowed: 'a list of at least one route, each beginning with "- provider:"' })

/** The section `models` of the file. */
export const modelsSchema = z.record(z.string(), routesSchema).meta({ allowed: 'a map from names to lists of routes' })

export type WrittenModels = z.output<typeof modelsSchema>
