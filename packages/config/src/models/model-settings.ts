import { z } from 'zod'
import { baseUrl, identifier, secret, text } from '../settings.ts'
import { ollamaAddress } from './ollama-address.ts'
import { providerDefaults } from './provider-defaults.ts'

const ollamaHost = () => {
  const allowed = 'a host, host:port, or a URL (http, https) without user and password'
  return z
    .string()
    .refine((host) => ollamaAddress(host) !== undefined, `must be ${allowed}`)
    .meta({ allowed, showValue: false })
}

const { openai, anthropic, google, ollama } = providerDefaults

/** The variables that say which models there are, for the schemas of the services that read them. */
export const modelSettings = {
  SPOOL_CONFIG: text()
    .optional()
    .describe('File of models, agents, tools and limits; else `spool.config.yaml` where it is there. `none`: no file'),
  OPENAI_API_KEY: secret().optional().describe('Key of OpenAI, or of the server at `OPENAI_BASE_URL`'),
  OPENAI_BASE_URL: baseUrl().optional().describe('A server that speaks the chat-completions API of OpenAI'),
  OPENAI_MODEL: text().optional().describe(`Its model; \`${openai.model}\` if not set`),
  ANTHROPIC_API_KEY: secret().optional().describe('Key of Anthropic'),
  ANTHROPIC_BASE_URL: baseUrl().optional().describe('Another address of its API'),
  ANTHROPIC_MODEL: text().optional().describe(`Its model; \`${anthropic.model}\` if not set`),
  GOOGLE_GENERATIVE_AI_API_KEY: secret().optional().describe('Key of Google Gemini'),
  GEMINI_API_KEY: secret().optional().describe('The same by its other name'),
  GEMINI_MODEL: text().optional().describe(`Its model; \`${google.model}\` if not set`),
  AZURE_API_KEY: secret()
    .optional()
    .describe('Key of Azure OpenAI; counts together with the deployment and an address'),
  // Instead of the name people set the whole URL, sometimes with a key in it.
  AZURE_RESOURCE_NAME: identifier()
    .meta({ showValue: false })
    .optional()
    .describe('Its resource, the first part of `….openai.azure.com`'),
  AZURE_BASE_URL: baseUrl().optional().describe('Endpoint of the resource, where it has another address'),
  AZURE_DEPLOYMENT: text().optional().describe('Its deployment'),
  OLLAMA_HOST: ollamaHost().optional().describe('An Ollama server: host, host:port or URL'),
  OLLAMA_MODEL: text().optional().describe(`Its model; \`${ollama.model}\` if not set`),
}
