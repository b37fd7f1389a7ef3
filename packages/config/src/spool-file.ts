import { z } from 'zod'
import { agentsSchema } from './agents/agent-schema.ts'
import { tenantLimitsSchema } from './limits/limits-schema.ts'
import { modelsSchema } from './models/models-schema.ts'
import { mcpServersSchema } from './tools/mcp-server-schema.ts'
import { toolsSchema } from './tools/tools-schema.ts'

const fields = {
  models: modelsSchema.optional(),
  default_agent: z.string().meta({ allowed: 'the id of an agent' }).optional(),
  agents: agentsSchema.optional(),
  tools: toolsSchema.optional(),
  mcp_servers: mcpServersSchema.optional(),
  limits: tenantLimitsSchema.optional(),
}

/** The whole file. Fields that begin with x- are a place for anchors. */
export const fileSchema = z
  .strictObject(fields)
  .meta({ allowed: `a map with any of the fields ${Object.keys(fields).join(', ')}` })

export type WrittenFile = z.output<typeof fileSchema>
