import { z } from 'zod'
import { textUpTo, timeoutMs, trueOrFalse, wholeNumber } from '../file/fields.ts'
import { isMap } from '../file/is-map.ts'
import { variableName } from '../file/variable-name.ts'
import { isAllowedHost } from './allowed-host.ts'
import { isRemoteUrl } from './remote-url.ts'
import { toolDefaults } from './tool-defaults.ts'

export const remoteUrl = () =>
  z.string().refine(isRemoteUrl).meta({ allowed: 'a URL (http, https) without user, password, fragment or key' })

const httpGetFields = {
  allow: z
    .array(
      z
        .string()
        .refine(isAllowedHost)
        .meta({ allowed: 'a host, such as api.example.com, *.example.com or api.example.com:8443' }),
    )
    .min(1)
    .meta({ allowed: 'a list of at least one host' })
    .describe('Hosts that may be asked; `*.example.com` stands for all below it, and not for itself'),
}

const workspaceFields = {
  folder: z
    .string()
    .regex(/^[^\p{Cc}]+$/u)
    .meta({ allowed: 'the path of a folder' })
    .optional()
    .describe(
      'Where the folders of the sessions lie, from where the file lies; by default `workspaces` in `SPOOL_DATA`',
    ),
}

const { shell, webhook } = toolDefaults

const shellFields = {
  timeout_ms: timeoutMs().default(shell.timeoutMs).describe('Longest time of one command'),
  max_processes: wholeNumber(10_000).default(shell.maxProcesses).describe('Processes of one command at a time'),
  max_memory_mb: wholeNumber(1_000_000, 16).default(shell.maxMemoryMb).describe('Memory of each of them'),
}

const webhookFields = {
  description: textUpTo(10_000).describe('What it does and when to use it, for the model'),
  url: remoteUrl().describe('Where it is called, with POST'),
  input_schema: z
    .record(z.string(), z.unknown())
    .refine(isObjectSchema)
    .meta({ allowed: 'a JSON Schema of a map: "type: object", with "properties"' })
    .describe('JSON Schema of its arguments'),
  secret_env: variableName('TICKETS_SECRET').describe(
    'Name of the environment variable that holds the secret with which calls are signed',
  ),
  repeatable: trueOrFalse()
    .default(false)
    .describe('It may be called twice with the same idempotency key where it is not known whether a call arrived'),
  timeout_ms: timeoutMs().default(webhook.timeoutMs).describe('Longest time of one call'),
}

export const httpGetSchema = z.strictObject(httpGetFields).meta({ allowed: 'a map with the field allow' })
export const workspaceSchema = z.strictObject(workspaceFields)
export const shellSchema = z.strictObject(shellFields)
export const webhookSchema = z
  .strictObject(webhookFields)
  .meta({ allowed: 'a map with description, url, input_schema and secret_env' })

export const toolsSchema = z
  .strictObject({
    http_get: httpGetSchema.optional(),
    workspace: orBoolean(workspaceSchema, 'a map with the field folder').optional(),
    shell: orBoolean(shellSchema, `a map with any of the fields ${Object.keys(shellFields).join(', ')}`).optional(),
    webhooks: z.record(z.string(), webhookSchema).meta({ allowed: 'a map from names of tools to webhooks' }).optional(),
  })
  .meta({ allowed: 'a map with any of the fields http_get, workspace, shell, webhooks' })

function orBoolean<Fields extends z.ZodType>(schema: Fields, allowed: string) {
  return z.union([z.boolean(), schema]).meta({ allowed: `true, false, or ${allowed}` })
}

export function isObjectSchema(schema: Readonly<Record<string, unknown>>): boolean {
  return schema['type'] === 'object' && (schema['properties'] === undefined || isMap(schema['properties']))
}

export type WrittenTools = z.output<typeof toolsSchema>
