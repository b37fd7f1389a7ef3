/** Arguments for a tool that the demo model has never heard of: what its JSON Schema asks for, made of the user's words. */
export function fillInput(schema: unknown, words: string): unknown {
  return fill(schema, words, 0) ?? {}
}

const MAX_DEPTH = 6

function fill(schema: unknown, words: string, depth: number): unknown {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return undefined
  const asked = schema as Readonly<Record<string, unknown>>
  if ('const' in asked) return asked['const']
  if ('default' in asked) return asked['default']
  if (Array.isArray(asked['enum'])) return asked['enum'][0] as unknown
  const [choice] = [asked['anyOf'], asked['oneOf']].flatMap((choices) => (Array.isArray(choices) ? choices : []))
  if (choice !== undefined) return fill(choice, words, depth + 1)
  switch (Array.isArray(asked['type']) ? asked['type'][0] : asked['type']) {
    case 'string':
      return asked['format'] === 'uri' ? 'https://example.com/' : text(asked, words)
    case 'integer':
      return Math.round(number(asked, words))
    case 'number':
      return number(asked, words)
    case 'boolean':
      return true
    case 'array':
      return Number(asked['minItems'] ?? 0) > 0 ? [fill(asked['items'], words, depth + 1)] : []
    case 'object':
      return object(asked, words, depth)
    default:
      return undefined
  }
}

function object(schema: Readonly<Record<string, unknown>>, words: string, depth: number): object {
  const properties = Object(schema['properties']) as Record<string, unknown>
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.fromEntries(required.map((name: string) => [name, fill(properties[name], words, depth + 1) ?? null]))
}

function text({ maxLength = 200 }: Readonly<Record<string, unknown>>, words: string): string {
  const said = words.trim().slice(0, Number(maxLength))
  return said === '' ? 'demo' : said
}

function number({ minimum, maximum }: Readonly<Record<string, unknown>>, words: string): number {
  const said = Number(/-?\d+(\.\d+)?/.exec(words)?.[0] ?? minimum ?? 1)
  return Math.max(Number(minimum ?? -Infinity), Math.min(said, Number(maximum ?? Infinity)))
}
