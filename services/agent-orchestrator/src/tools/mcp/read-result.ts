import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client'
import { ToolError } from '../tool-error.ts'

const maxErrorLength = 4000

/** What a model is given of what a tool gave: its value, or its texts, and a word about what is neither. */
export function readResult({ content = [], structuredContent, isError }: CallToolResult): unknown {
  const text = content.map(textOf).join('\n')
  if (isError) throw new ToolError('tool_error', errorText(text))
  if (structuredContent !== undefined) return structuredContent
  return content.length === 0 ? null : text
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.mimeType}, ${Buffer.byteLength(block.data, 'base64')} bytes]`
    case 'resource_link':
      return `[${[block.title ?? block.name, block.uri, block.mimeType].filter(Boolean).join(', ')}]`
    case 'resource': {
      const { resource } = block
      if ('text' in resource) return resource.text
      const bytes = Buffer.byteLength(resource.blob, 'base64')
      return `[${resource.uri}, ${resource.mimeType ?? 'no media type'}, ${bytes} bytes]`
    }
    default:
      return `[${String((block as { type: unknown }).type)}]`
  }
}

function errorText(text: string): string {
  if (text.trim() === '') return 'The tool failed and does not say why.'
  return text.length > maxErrorLength ? `${text.slice(0, maxErrorLength)}…` : text
}
