import { z } from 'zod'
import { timeoutMs, trueOrFalse } from '../file/fields.ts'
import { variableName } from '../file/variable-name.ts'
import { toolDefaults } from './tool-defaults.ts'
import { remoteUrl } from './tools-schema.ts'

const line = (allowed: string) =>
  z
    .string()
    .regex(/^[^\0]+$/)
    .meta({ allowed })

const fields = {
  command: line('the name or path of a program').optional().describe('Program that is started and spoken to (stdio)'),
  args: z
    .array(z.string().meta({ allowed: 'a text; put numbers, true and false into quotes' }))
    .meta({ allowed: 'a list of texts' })
    .optional()
    .describe('Its arguments'),
  env: z
    .array(variableName('GITHUB_TOKEN'))
    .meta({ allowed: 'a list of names of environment variables', namesVariable: true })
    .optional()
    .describe('Names of environment variables that it is given beside the harmless ones (`PATH`, `HOME`, …)'),
  cwd: line('the path of a folder').optional().describe('Folder it is started in, from where the file lies'),
  url: remoteUrl().optional().describe('Address of a server that is running already (streamable HTTP)'),
  headers: z
    .record(z.string(), variableName('SEARCH_AUTHORIZATION'))
    .meta({ allowed: 'a map from names of headers to names of environment variables', namesVariable: true })
    .optional()
    .describe('Headers it is sent, each with the name of the environment variable that holds the whole value'),
  timeout_ms: timeoutMs().default(toolDefaults.mcpServer.timeoutMs).describe('Longest time of one call'),
  repeatable: trueOrFalse().default(false).describe('All of its tools are safe to call twice'),
  repeatable_tools: z
    .array(z.string())
    .meta({ allowed: 'a list of names of its tools' })
    .default([])
    .describe('Tools that are safe to call twice though the server does not say so'),
}

/** An MCP server as it is written in the file. */
export const mcpServerSchema = z.strictObject(fields).meta({ allowed: 'a map with command or url' })

export const mcpServersSchema = z
  .record(z.string(), mcpServerSchema)
  .meta({ allowed: 'a map from names to MCP servers' })

export type WrittenMcpServer = z.output<typeof mcpServerSchema>
